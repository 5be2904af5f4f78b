// SPDX-License-Identifier: MPL-2.0
// limits_news: writes into the state topic which limits a worker holds to, for `status`.
// Thread: loop; what blocks is on a thread of its own, which ends when all is told.
#pragma once

struct front;
struct limits_news; // opaque
struct work_options;

// Tells nothing yet. Both outlive it. NULL: nothing is ever told, for there is no memory, or it is
// a replay, which has limits of its own.
struct limits_news *limits_news_new(const struct front *front, const struct work_options *options);
// Has the limits written as they are now, unless they are what was told last or the topic says the
// same. Never waits; what goes wrong is a line in the log. NULL is fine.
void limits_news_tell(struct limits_news *news);
// Gives what is being told two seconds. 0; -EBUSY: its thread still runs, so what it uses may not
// be freed and the process must _exit. NULL is fine.
int limits_news_close(struct limits_news *news);
