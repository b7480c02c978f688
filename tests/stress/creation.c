/*
 * A process that is killed while it creates the segment file: whoever comes next has a whole segment.
 */
#define _GNU_SOURCE
#include "snapstep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char creation_name[] = "creation of the file";

/* The file at one instant. */
struct image {
	off_t size;
	size_t extent_count;
	struct {
		off_t from, to;
	} extents[EXTENTS_MAX];
	char *bytes;
};

struct creation {
	struct test_host host;
	const char *folder_a, *folder_c;
	char path_a[512], path_c[512];
	struct image now, last;
};

#define IMAGE_BYTES (STORE_SIZE_MIN * 2)

/* False: there is no file. Bytes that were never written read as zero. */
static bool take_image(const char *path, struct image *image)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t at = 0;

	if (fd < 0) {
		return false;
	}
	if (fstat(fd, &st) != 0 || st.st_size > (off_t)IMAGE_BYTES) {
		die("the file is larger than expected");
	}
	image->size = st.st_size;
	image->extent_count = 0;
	while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(fd, at, SEEK_HOLE);
		if (image->extent_count == EXTENTS_MAX || pread(fd, image->bytes + at, (size_t)(end - at), at) != end - at) {
			die("the file is in too many pieces");
		}
		image->extents[image->extent_count].from = at;
		image->extents[image->extent_count++].to = end;
		at = end;
	}
	close(fd);
	return true;
}

static bool images_differ(const struct image *a, const struct image *b)
{
	if (a->size != b->size || a->extent_count != b->extent_count ||
	    memcmp(a->extents, b->extents, a->extent_count * sizeof a->extents[0]) != 0) {
		return true;
	}
	for (size_t i = 0; i < a->extent_count; i++) {
		off_t from = a->extents[i].from;
		if (memcmp(a->bytes + from, b->bytes + from, (size_t)(a->extents[i].to - from)) != 0) {
			return true;
		}
	}
	return false;
}

static void keep_image(const struct image *from, struct image *to)
{
	char *bytes = to->bytes;

	memcpy(bytes, from->bytes, IMAGE_BYTES);
	*to = *from;
	to->bytes = bytes;
}

/* Returns the inode. */
static ino_t write_image(const struct image *image, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || ftruncate(fd, image->size) != 0) {
		die("cannot write %s: %s", path, strerror(errno));
	}
	for (size_t i = 0; i < image->extent_count; i++) {
		off_t from = image->extents[i].from, length = image->extents[i].to - from;
		if (pwrite(fd, image->bytes + from, (size_t)length, from) != length) {
			die("cannot write %s: %s", path, strerror(errno));
		}
	}
	if (fstat(fd, &st) != 0) {
		die("cannot write %s: %s", path, strerror(errno));
	}
	close(fd);
	return st.st_ino;
}

/* Whoever opens it has a whole segment: this one if it was complete, else a new one. Returns what is wrong with it. */
static const char *open_next(struct creation *c)
{
	bool complete = c->now.size > 0 && load_relaxed(&((const struct superblock *)c->now.bytes)->magic) == SEGMENT_MAGIC;
	ino_t inode = write_image(&c->now, c->path_c);
	struct store *store = open_store(c->folder_c, STORE_SIZE_MIN, 5, &c->host.host);
	const char *wrong = NULL;
	uint64_t number;

	if (complete && store->segment->inode != inode) {
		wrong = "a complete segment was replaced";
	} else if (!complete && c->now.size > 0 && store->segment->inode == inode) {
		wrong = "a half segment was taken";
	} else if (verify_aloud(store, creation_name) != 0) {
		wrong = "broken rules";
	}
	for (int i = 0; i < 2 && !wrong; i++) {
		struct store_key key = key_of(store, "key");
		struct store_view view;
		if (put_value(store, "key", 1, (uint64_t)i, 3000) != CACHE_OK || store_get(store, &key, &view) != CACHE_OK ||
		    !value_check(view.bytes, view.size, 1, &number) || number != (uint64_t)i) {
			wrong = "it cannot be used";
		} else {
			store_unpin(store, view.pin);
		}
	}
	store_close(store);
	unlink(c->path_c);
	return wrong;
}

static void act_create(void *context)
{
	struct creation *c = context;

	open_store(c->folder_a, STORE_SIZE_MIN, 5, &c->host.host);
}

static void prepare_creation(struct creation *c)
{
	struct store *store;

	test_host_init(&c->host, 1);
	c->folder_a = make_folder();
	c->folder_c = make_folder();
	c->now.bytes = malloc(IMAGE_BYTES);
	c->last.bytes = malloc(IMAGE_BYTES);
	c->last.size = -1;
	/* The name of the file. */
	store = open_store(c->folder_c, STORE_SIZE_MIN, 5, &c->host.host);
	snprintf(c->path_c, sizeof c->path_c, "%s", store->segment->path);
	snprintf(c->path_a, sizeof c->path_a, "%s%s", c->folder_a, strrchr(store->segment->path, '/'));
	store_close(store);
	unlink(c->path_c);
}

bool run_creation(long *states, long *bad)
{
	static struct creation c;
	struct stepped stepped;
	long found = 0, wrong_states = 0;
	double began = seconds();

	prepare_creation(&c);
	stepped_start(&stepped, NULL, act_create, &c);
	while (step(&stepped)) {
		const char *wrong;
		if (!take_image(c.path_a, &c.now) || !images_differ(&c.now, &c.last)) {
			continue;
		}
		keep_image(&c.now, &c.last);
		found++;
		wrong = open_next(&c);
		if (wrong && wrong_states++ < 4) {
			printf("# %s: state %ld, step %ld: %s\n", creation_name, found, stepped.steps, wrong);
		}
	}
	printf("%s - snapstep: %s: %ld steps, %ld states, %ld bad, %.1f s\n", wrong_states ? "not ok" : "ok",
	       creation_name, stepped.steps, found, wrong_states, seconds() - began);
	stepped_end(&stepped);
	remove_folder(c.folder_a);
	remove_folder(c.folder_c);
	free(c.now.bytes);
	free(c.last.bytes);
	*states += found;
	*bad += wrong_states;
	return wrong_states == 0;
}
