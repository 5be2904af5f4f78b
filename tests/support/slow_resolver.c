// SPDX-License-Identifier: MPL-2.0
// slow_resolver: a getaddrinfo that never comes back for "hang.test" and finds nothing for
// "missing.test".
//
// A test program that is linked with this file answers for libcurl too, because a program's own
// symbols come first; so does any program that is started with it as a library, LD_PRELOAD.
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(
	const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai
) {
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

	bool asks = name && !(req && (req->ai_flags & AI_NUMERICHOST)); // a name server

	while (asks && strcmp(name, "hang.test") == 0)
		pause();
	if (asks && strcmp(name, "missing.test") == 0)
		return EAI_NONAME;
	if (!symbol)
		return EAI_FAIL;
	// ISO C has no cast for it.
	memcpy(&next, &symbol, sizeof(next));
	return next(name, service, req, pai);
}
