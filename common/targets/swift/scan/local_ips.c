// SPDX-License-Identifier: MPL-2.0
// local_ips: the addresses of this machine, as rings have them.
#include "common/targets/swift/scan/local_ips.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void map(unsigned char out[16], const struct in_addr *address) {
	memset(out, 0, 10);
	memset(out + 10, 0xFF, 2);
	memcpy(out + 12, address, 4);
}

static bool read_address(unsigned char out[16], const struct sockaddr *address) {
	if (address != NULL && address->sa_family == AF_INET) {
		map(out, &((const struct sockaddr_in *)(const void *)address)->sin_addr);
		return true;
	}
	if (address != NULL && address->sa_family == AF_INET6) {
		memcpy(out, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
		return true;
	}
	return false;
}

static bool parse(unsigned char out[16], const char *text) {
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1) {
		map(out, &four);
		return true;
	}
	return inet_pton(AF_INET6, text, out) == 1;
}

// Of either family, however it is written.
static bool is_any(const unsigned char row[16]) {
	static const unsigned char six[16] = {0};
	unsigned char four[16];

	map(four, &(struct in_addr){.s_addr = INADDR_ANY});
	return memcmp(row, four, 16) == 0 || memcmp(row, six, 16) == 0;
}

static int add(struct local_ips *ips, const unsigned char row[16]) {
	void *rows = realloc(ips->rows, (ips->count + 1) * sizeof(*ips->rows));

	if (rows == NULL)
		return -ENOMEM;
	ips->rows = rows;
	memcpy(ips->rows[ips->count++], row, 16);
	return 0;
}

static int add_all(struct local_ips *ips) {
	struct ifaddrs *list;
	unsigned char row[16];
	int err = 0;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (const struct ifaddrs *at = list; err == 0 && at != NULL; at = at->ifa_next) {
		if (read_address(row, at->ifa_addr))
			err = add(ips, row);
	}
	freeifaddrs(list);
	return err;
}

int local_ips_read(struct local_ips *out, const char *bind_ip) {
	unsigned char row[16];
	int err;

	if (!parse(row, bind_ip))
		return -EINVAL;
	err = is_any(row) ? add_all(out) : add(out, row);
	if (err < 0)
		local_ips_free(out);
	return err;
}

void local_ips_free(struct local_ips *ips) {
	free(ips->rows);
	*ips = (struct local_ips){.count = 0};
}

static bool has_row(const struct local_ips *ips, const unsigned char row[16]) {
	for (size_t i = 0; i < ips->count; i++) {
		if (memcmp(ips->rows[i], row, 16) == 0)
			return true;
	}
	return false;
}

static bool leads_here(const struct local_ips *ips, const char *host) {
	struct addrinfo *list;
	unsigned char row[16];
	bool is_ours = false;

	if (getaddrinfo(host, NULL, NULL, &list) != 0)
		return false;
	for (const struct addrinfo *at = list; !is_ours && at != NULL; at = at->ai_next)
		is_ours = read_address(row, at->ai_addr) && has_row(ips, row);
	freeaddrinfo(list);
	return is_ours;
}

bool local_ips_have(const struct local_ips *ips, const char *host) {
	unsigned char row[16];

	return parse(row, host) ? has_row(ips, row) : leads_here(ips, host);
}
