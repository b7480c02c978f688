#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILD_SECONDS 60
#define CHILDREN_MAX 64

static pid_t children[CHILDREN_MAX];

pid_t child_start(void (*body)(void *context), void *context)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(CHILD_SECONDS);
		body(context);
		_exit(0);
	}
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (!children[i]) {
			children[i] = pid;
			return pid;
		}
	}
	check_failed(__FILE__, __LINE__, "too many children at once for the test's clean-up");
}

static void child_forget(pid_t pid)
{
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] == pid) {
			children[i] = 0;
		}
	}
}

int child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid) {
		CHECK(errno == EINTR);
	}
	child_forget(pid);
	return status;
}

void child_join(pid_t pid)
{
	int status = child_wait(pid);

	if (WIFSIGNALED(status)) {
		check_failed(__FILE__, __LINE__, "a child was ended by signal %d", WTERMSIG(status));
	}
	CHECK_EQ(WEXITSTATUS(status), 0);
}

void child_await_stop(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	if (!WIFSTOPPED(status)) {
		child_forget(pid);
		check_failed(__FILE__, __LINE__, "the child ended (status 0x%x) where it was to stop", status);
	}
}

void child_continue(pid_t pid) { CHECK_EQ(kill(pid, SIGCONT), 0); }

void child_kill(pid_t pid)
{
	CHECK_EQ(kill(pid, SIGKILL), 0);
	child_wait(pid);
}

void in_child(void (*body)(void *context), void *context) { child_join(child_start(body, context)); }

void child_park(void)
{
	for (;;) {
		pause();
	}
}

void orphan_start(int number, void (*body)(void *context), void *context)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		world->orphans[number] = getpid(); /* its parent may be killed any time */
		alarm(CHILD_SECONDS);
		body(context);
		_exit(0);
	}
}

void orphan_kill(int number)
{
	pid_t pid = world->orphans[number];

	CHECK(pid > 0);
	world->orphans[number] = 0;
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid); /* we are its subreaper */
}

static timer_t jitter_timer;

/* Not a multiple of anything that the loops of the tests do. */
static const struct itimerspec jitter_period = {.it_value.tv_nsec = 97003};

static void be_away(int signal)
{
	int error = errno;

	(void)signal;
	nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
	timer_settime(jitter_timer, 0, &jitter_period, NULL); /* only now, so that there is time to go on between two */
	errno = error;
}

void jitter(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct sigaction action = {.sa_handler = be_away, .sa_flags = SA_RESTART};

	CHECK_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	CHECK_EQ(timer_create(CLOCK_MONOTONIC, &event, &jitter_timer), 0);
	CHECK_EQ(timer_settime(jitter_timer, 0, &jitter_period, NULL), 0);
}

void kill_children(void)
{
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (children[i]) {
			kill(children[i], SIGKILL);
			waitpid(children[i], NULL, 0);
			children[i] = 0;
		}
	}
	for (int i = 0; i < ORPHANS; i++) {
		if (world->orphans[i]) {
			kill(world->orphans[i], SIGKILL);
			waitpid(world->orphans[i], NULL, 0);
		}
	}
}
