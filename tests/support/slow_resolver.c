// SPDX-License-Identifier: MPL-2.0
// slow_resolver: a getaddrinfo that never comes back for "hang.test" and finds nothing for "missing.test".
//
// A test program that is linked with this file answers for libcurl too, because a program's own symbols come first.
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(
	const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai
) {
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

	while (name && strcmp(name, "hang.test") == 0)
		pause();
	if (name && strcmp(name, "missing.test") == 0)
		return EAI_NONAME;
	if (!symbol)
		return EAI_FAIL;
	memcpy(&next, &symbol, sizeof(next)); // ISO C has no cast for it
	return next(name, service, req, pai);
}
