/*
 * Each call of the core into the C library fails: the first, the second, the third ... until a run of the workload has
 * no further one; alone, and together with all that follow it; with each of the errors in calls.def.
 *
 *   faults [-j JOBS] [-n MOST] [-a] [WORKLOAD | WORKLOAD/CALL | /CALL ...]
 *     -n  from so many occurrences of one call on, not each of them but further and further apart
 *     -a  all of them, and every error also in the second mode
 *   faults WORKLOAD/CALL/NTH/ERROR[/always]    one run, named as in the output
 *   faults -w [WORKLOAD...]                    each workload once, without a failure
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define RUN_SECONDS 20

static struct {
	unsigned most;
	bool all, whole;
	const char *root;
	char **wanted;
} settings = {.most = 24};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static void clean(const char *directory)
{
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- one run -------------------------------------------------------------------------------------------- */

/* In a process of its own, which leads its group. */
static void run(const struct workload *workload, const struct fault_plan *plan, const char *directory, int report)
{
	struct world *w = world_make(directory);
	unsigned descriptors;
	uint32_t failed;

	MUST(mkdir(directory, 0700) == 0, "%s", strerror(errno));
	if (workload->prepare) {
		workload->prepare(w);
	}
	descriptors = open_descriptors();
	fault_arm(plan);
	workload->run(w);
	failed = fault_state->failed;
	fault_disarm();
	MUST(open_descriptors() == descriptors, "%u descriptors are open, not %u", open_descriptors(), descriptors);
	MUST(mappings_of(directory) == 0 || (plan->call == CALL_munmap && failed) || (plan->call == CALL_mmap_at && failed),
	     "the segment is still mapped");
	check_world(w, workload->keys);
	MUST(open_descriptors() == descriptors, "%u descriptors are open at the end, not %u", open_descriptors(),
	     descriptors);
	if (write(report, &failed, sizeof failed) != sizeof failed) {
		_exit(2);
	}
	_exit(0);
}

struct outcome {
	bool good;
	uint32_t failed; /* calls */
	char text[2000]; /* what it said */
};

static void await(pid_t pid, int *status)
{
	for (int ms = 0; waitpid(pid, status, WNOHANG) == 0; ms++) {
		if (ms > RUN_SECONDS * 1000) {
			kill(-pid, SIGKILL);
			waitpid(pid, status, 0);
			*status = -1;
			return;
		}
		sleep_ms(1);
	}
}

static void try(const struct workload *workload, const struct fault_plan *plan, struct outcome *outcome)
{
	static unsigned number;
	char directory[100];
	int report[2], said[2], status;
	ssize_t got;
	pid_t pid;

	memset(outcome, 0, sizeof *outcome);
	snprintf(directory, sizeof directory, "%s/%d-%u", settings.root, (int)getpid(), ++number);
	if (pipe(report) != 0 || pipe(said) != 0 || (pid = fork()) < 0) {
		perror("faults");
		_exit(2);
	}
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(report[0]);
		close(said[0]);
		dup2(said[1], STDERR_FILENO);
		close(said[1]);
		run(workload, plan, directory, report[1]);
	}
	close(report[1]);
	close(said[1]);
	await(pid, &status);
	kill(-pid, SIGKILL); /* whom it left behind */
	clean(directory);
	outcome->good = status == 0 && read(report[0], &outcome->failed, sizeof outcome->failed) == sizeof outcome->failed;
	got = read(said[0], outcome->text, sizeof outcome->text - 100);
	got = got < 0 ? 0 : got;
	if (status != 0) {
		const char *how = status == -1          ? "it hangs"
		                  : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
		                                        : "a check failed";
		snprintf(outcome->text + got, sizeof outcome->text - (size_t)got, "[%s]", how);
	}
	close(report[0]);
	close(said[0]);
}

/* ---- all runs of one call in one workload ---------------------------------------------------------------- */

struct tally {
	unsigned occurrences, runs, bad;
	char first[2400]; /* the first that went wrong */
};

static uint32_t tally_run(const struct workload *workload, const struct fault_plan *plan, struct tally *tally)
{
	struct outcome outcome;

	try(workload, plan, &outcome);
	tally->runs++;
	if (!outcome.good && tally->bad++ == 0) {
		snprintf(tally->first, sizeof tally->first, "%s/%s/%u/%s%s\n%s", workload->name, fault_call_names[plan->call],
		         plan->nth, fault_error_name(plan->error), plan->always ? "/always" : "", outcome.text);
	}
	/* Of a run that failed nobody knows; it may have come so far. */
	return outcome.good ? outcome.failed : 1;
}

/* The next occurrence to try: all at first, then further and further apart. */
static unsigned next_nth(unsigned nth)
{
	return settings.all || nth < settings.most ? nth + 1 : nth + 1 + nth / 2;
}

/* The clock of a process that cannot read it at all stands still: nothing that waits can end then. */
static bool may_fail_for_ever(enum fault_call call)
{
	return call != CALL_clock_realtime && call != CALL_clock_coarse && call != CALL_clock_monotonic;
}

static void try_call(const struct workload *workload, enum fault_call call, struct tally *tally)
{
	const int *errors = fault_errors[call];

	for (unsigned nth = 1;; nth = next_nth(nth)) {
		struct fault_plan plan = {.call = call, .nth = nth, .error = errors[0]};
		if (tally_run(workload, &plan, tally) == 0) {
			break; /* there is no n-th one */
		}
		tally->occurrences++;
		for (int i = 1; errors[i]; i++) {
			plan.error = errors[i];
			tally_run(workload, &plan, tally);
		}
		if (!may_fail_for_ever(call)) {
			continue;
		}
		plan.always = true;
		for (int i = 0; errors[i] && (i == 0 || settings.all); i++) {
			plan.error = errors[settings.all ? i : (int)(nth % (unsigned)(errors[1] ? 2 : 1))];
			tally_run(workload, &plan, tally);
		}
		if (tally->bad > 20) {
			break;
		}
	}
}

/* By WORKLOAD, WORKLOAD/CALL or /CALL. */
static bool is_wanted(const struct workload *workload, enum fault_call call, char **filters)
{
	char name[64];

	if (!*filters) {
		return true;
	}
	snprintf(name, sizeof name, "%s/%s", workload->name, fault_call_names[call]);
	for (; *filters; filters++) {
		size_t length = strlen(*filters), whole = strlen(name);
		if (strcmp(*filters, workload->name) == 0 || (length == whole && strcmp(*filters, name) == 0)) {
			return true;
		}
		if (**filters == '/' && strcmp(*filters + 1, fault_call_names[call]) == 0) {
			return true;
		}
	}
	return false;
}

/* Without a failure, one after the other. */
static int run_whole(void)
{
	const struct fault_plan none = {.call = CALLS};
	struct outcome outcome;
	int bad = 0;

	for (unsigned i = 0; i < workload_count; i++) {
		if (!is_wanted(&workloads[i], 0, settings.wanted)) {
			continue;
		}
		try(&workloads[i], &none, &outcome);
		printf("%s - %s without a failure\n%s", outcome.good ? "ok" : "not ok", workloads[i].name, outcome.text);
		fflush(stdout);
		bad += !outcome.good;
	}
	return bad != 0;
}

static int job(const struct workload *workload, enum fault_call call)
{
	struct tally tally = {0};
	char text[3000];
	int length;

	try_call(workload, call, &tally);
	if (tally.occurrences == 0 && tally.bad == 0) {
		return 0;
	}
	if (tally.bad) {
		length = snprintf(text, sizeof text, "not ok - %s: %s: %u of %u runs\n%s\n", workload->name,
		                  fault_call_names[call], tally.bad, tally.runs, tally.first);
	} else {
		length = snprintf(text, sizeof text, "ok - %s: %s: %u occurrences, %u runs\n", workload->name,
		                  fault_call_names[call], tally.occurrences, tally.runs);
	}
	if (write(STDOUT_FILENO, text, (size_t)length) != length) {
		return 2;
	}
	return tally.bad != 0;
}

static int run_all(unsigned jobs)
{
	unsigned running = 0, failed = 0;
	int status;

	for (unsigned i = 0; i < workload_count * CALLS; i++) {
		const struct workload *workload = &workloads[i / CALLS];
		enum fault_call call = i % CALLS;
		pid_t pid;

		if (!is_wanted(workload, call, settings.wanted)) {
			continue;
		}
		if (running == jobs) {
			wait(&status);
			failed += status != 0;
			running--;
		}
		fflush(NULL);
		pid = fork();
		if (pid < 0) {
			perror("faults");
			return 2;
		}
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(job(workload, call));
		}
		running++;
	}
	while (wait(&status) > 0) {
		failed += status != 0;
	}
	return failed != 0;
}

/* One run, by its name as it is printed. */
static int run_named(const char *name)
{
	char workload[32], call[32], error[32], mode[16] = "";
	unsigned nth;

	if (sscanf(name, "%31[^/]/%31[^/]/%u/%31[^/]/%15s", workload, call, &nth, error, mode) < 4) {
		return -1;
	}
	for (unsigned i = 0; i < workload_count; i++) {
		for (int k = 0; k < CALLS && strcmp(workloads[i].name, workload) == 0; k++) {
			for (const int *e = fault_errors[k]; *e && strcmp(fault_call_names[k], call) == 0; e++) {
				struct fault_plan plan = {k, nth, *e, mode[0] != 0};
				struct outcome outcome;
				if (strcmp(fault_error_name(*e), error) == 0) {
					try(&workloads[i], &plan, &outcome);
					printf("%s - %s: %u calls failed\n%s\n", outcome.good ? "ok" : "not ok", name, outcome.failed,
					       outcome.text);
					return !outcome.good;
				}
			}
		}
	}
	fprintf(stderr, "faults: there is no %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	static char root[] = "/dev/shm/cache-faults.XXXXXX";
	unsigned jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN) * 2;
	int option, status;

	while ((option = getopt(argc, argv, "j:n:aw")) != -1) {
		switch (option) {
		case 'j':
			jobs = (unsigned)atoi(optarg);
			break;
		case 'n':
			settings.most = (unsigned)atoi(optarg);
			break;
		case 'a':
			settings.all = true;
			break;
		case 'w':
			settings.whole = true;
			break;
		default:
			return 2;
		}
	}
	settings.wanted = argv + optind;
	settings.root = mkdtemp(root);
	if (!settings.root || jobs == 0) {
		perror("faults");
		return 2;
	}
	status = settings.whole ? run_whole() : argv[optind] ? run_named(argv[optind]) : -1;
	if (status < 0) {
		status = run_all(jobs);
	}
	clean(root);
	return status;
}
