/*
 * What is different for a participant without a slot of its own: it borrows one for each operation, and its views are
 * copies.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/internal.h"

struct copy {
	struct copy *next;
	uint32_t number;
	alignas(8) char bytes[]; /* values are built of words of 64 bits */
};

/* Once until it succeeds: nothing of the cache works for this process meanwhile. */
static void log_refusal(struct store *store, enum cache_status status, int error)
{
	char line[700];

	if (store->refused) {
		return;
	}
	store->refused = true;
	if (status == CACHE_SYSTEM) {
		snprintf(line, sizeof line, "cannot attach to %s after fork(), so nothing is read or stored: %s", store->segment->path,
		         strerror(error));
	} else {
		snprintf(line, sizeof line, "all slots of %s are taken for long, also those that are lent: nothing is read or stored"
		         " (is a process stopped? cache.max_processes)", store->segment->path);
	}
	store->host->log(store->host->context, CACHE_LOG_WARNING, line);
}

enum cache_status store_enter_slow(struct store *store)
{
	struct owner *o = &store->owner;
	enum cache_status status;

	if (o->fd < 0) {
		/* A fork() copied the handle. */
		status = owner_reattach(o);
		if (status != CACHE_NO_SLOT) {
			if (status != CACHE_OK) {
				log_refusal(store, status, errno);
			}
			store->refused = status != CACHE_OK;
			return status;
		}
	}
	status = owner_borrow(o);
	if (status == CACHE_OK) {
		store->refused = false;
		count(o, guest_operations);
	} else {
		log_refusal(store, status, 0);
	}
	return status;
}

bool store_is_usable(struct store *store)
{
	if (store->owner.slot != NO_SLOT || store->owner.fd >= 0) {
		return true;
	}
	if (store_enter(store) != CACHE_OK) {
		return store->owner.fd >= 0;
	}
	store_leave(store);
	return true;
}

bool store_copy_view(struct store *store, struct store_view *view)
{
	struct copy *copy = malloc(sizeof *copy + view->size);

	if (copy) {
		invariant((uintptr_t)view->bytes % 8 == 0);
		memcpy(copy->bytes, view->bytes, view->size);
	}
	pin_clear(&store->owner, view->pin);
	if (!copy) {
		return false;
	}
	if (++store->copies_made >= ALL_COPIES - COPY_FIRST) {
		store->copies_made = 0;
	}
	copy->number = COPY_FIRST + store->copies_made;
	copy->next = store->copies;
	store->copies = copy;
	view->bytes = copy->bytes;
	view->mapped = false;
	view->pin = copy->number;
	return true;
}

void store_drop_copies(struct store *store, uint32_t number)
{
	struct copy **link = &store->copies;

	while (*link) {
		struct copy *copy = *link;
		if (number == ALL_COPIES || copy->number == number) {
			*link = copy->next;
			free(copy);
		} else {
			link = &copy->next;
		}
	}
}
