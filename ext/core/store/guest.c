/*
 * What is different for a participant without a slot of its own: it borrows one for each operation, and its views are
 * copies.
 */
#include <stdlib.h>

#include "core/store/internal.h"

struct copy {
	struct copy *next;
	uint32_t number;
	char bytes[];
};

enum cache_status store_enter_slow(struct store *store)
{
	struct owner *o = &store->owner;
	enum cache_status status;

	if (o->fd < 0) {
		/* A fork() copied the handle. */
		status = owner_reattach(o);
		if (status != CACHE_NO_SLOT) {
			return status;
		}
	}
	status = owner_borrow(o);
	if (status == CACHE_OK) {
		count(o, guest_operations);
	}
	return status;
}

bool store_copy_view(struct store *store, struct store_view *view)
{
	struct copy *copy = malloc(sizeof *copy + view->size);

	if (copy) {
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
