/*
 * A file system of a few megabytes for a segment of many: the call for more memory fails, again and again, also while somebody
 * attaches. A process takes the rest and gives it back all the time.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void full_mount(struct torture *t)
{
	char options[32];

	snprintf(options, sizeof options, "size=%um,mode=0700", t->full_megabytes);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", t->folder, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) {
		printf("# torture: no file system of our own (%s): the call for memory fails half of the time instead\n",
		       strerror(errno));
		t->full_by_fault = true;
	}
}

static void nap(struct dice *dice, uint32_t us)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)roll_below(dice, us) * 1000}, NULL);
}

pid_t full_start(const struct torture *t)
{
	struct dice dice = dice_of(t->seed);
	char path[96];
	pid_t pid;
	int fd;

	snprintf(path, sizeof path, "%s/ballast", t->folder);
	pid = fork_child();
	if (pid != 0) {
		return pid;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		die("%s: %s", path, strerror(errno));
	}
	while (!load_relaxed(&t->watch.over)) {
		off_t length = 0;
		while (length < (off_t)t->full_megabytes << 20 && fallocate(fd, 0, length, 16384) == 0) {
			length += 16384;
		}
		nap(&dice, 8000);
		if (ftruncate(fd, length * roll_below(&dice, 4) / 4) != 0) {
			die("%s: %s", path, strerror(errno));
		}
		nap(&dice, 2000);
	}
	_exit(0);
}

void full_unmount(const struct torture *t)
{
	if (!t->full_by_fault) {
		(void)umount2(t->folder, MNT_DETACH);
	}
}
