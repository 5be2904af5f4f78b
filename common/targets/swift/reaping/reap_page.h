// SPDX-License-Identifier: MPL-2.0
// reap_page: the objects of one page of a container: looked for, and deleted. Thread: loop.
#pragma once

struct object_page;
struct reap;

// Takes the page, which has an object at least.
void reap_enter_objects(struct reap *reap, struct object_page *page);
// To the next object that is looked for, or to all of the page.
void reap_go_on_probing(struct reap *reap);
void reap_leave_page(struct reap *reap); // its requests are done
