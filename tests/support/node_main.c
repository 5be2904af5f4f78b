// SPDX-License-Identifier: MPL-2.0
// node: the scripted node as a program, for benchmarks and shell tests.
//
// Prints its port, answers until SIGTERM or SIGINT, then prints what it counted.
#include "support/node.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void) {
	fputs("usage: node [--delay-ms N] [--status N]\n", stderr);
	return 2;
}

static int parse(int argc, char **argv, struct node_step *step) {
	for (int i = 1; i + 1 < argc; i += 2) {
		char *end;
		errno = 0;
		long value = strtol(argv[i + 1], &end, 10);
		if (errno || *end || end == argv[i + 1] || value < 0 || value > 1000000)
			return -EINVAL;
		if (strcmp(argv[i], "--delay-ms") == 0)
			step->delay_ms = (int)value;
		else if (strcmp(argv[i], "--status") == 0)
			step->status = (int)value;
		else
			return -EINVAL;
	}
	return argc % 2 == 1 ? 0 : -EINVAL;
}

int main(int argc, char **argv) {
	struct node_step step = {0};
	if (parse(argc, argv, &step) < 0)
		return usage();

	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);

	struct node *node = node_start();
	node_record_nothing(node);
	node_default(node, &step);
	printf("%u\n", (unsigned)node_port(node));
	fflush(stdout);

	int signal = 0;
	sigwait(&stop, &signal);
	printf("requests=%zu connections=%zu inflight_max=%zu\n",
	       node_requests(node),
	       node_connections(node),
	       node_inflight_max(node));
	node_stop(node);
	return 0;
}
