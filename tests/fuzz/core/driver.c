/*
 * Runs a target without libFuzzer: the inputs of a corpus, then for some seconds inputs made of them at random.
 *   X_fuzz [--seconds N] [--seed N] [--keep FILE] CORPUS...
 * A corpus is a file that corpus-pack has made of many: for each input its length in two bytes, the lower first, and
 * itself. Where it fails, the input lies in the file of --keep (default: crash-input).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
/* The sanitizers call it before they end the process. */
void __sanitizer_set_death_callback(void (*callback)(void));

#define LENGTH_MAX 4096
#define INPUTS_MAX 4096
/* No input takes that long. */
#define SECONDS_MAX 30

static struct {
	uint8_t *bytes;
	size_t length;
} inputs[INPUTS_MAX];
static unsigned input_count;
static const uint8_t *running;
static size_t running_length;
static const char *kept = "crash-input";

static void keep_input(void)
{
	int fd = open(kept, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, running, running_length) != (ssize_t)running_length) {
		static const char sorry[] = "the input could not be written\n";
		(void)!write(2, sorry, sizeof sorry - 1);
	}
	close(fd);
}

static void on_signal(int number)
{
	keep_input();
	signal(number, SIG_DFL);
	raise(number);
}

static void run(const uint8_t *bytes, size_t length)
{
	running = bytes;
	running_length = length;
	alarm(SECONDS_MAX);
	LLVMFuzzerTestOneInput(bytes, length);
	alarm(0);
}

static void read_corpus(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char head[2];

	while (file && fread(head, 1, 2, file) == 2 && input_count < INPUTS_MAX) {
		size_t length = head[0] | (size_t)head[1] << 8;
		inputs[input_count].bytes = malloc(length + 1);
		inputs[input_count].length = length;
		if (fread(inputs[input_count++].bytes, 1, length, file) != length) {
			break;
		}
	}
	if (!file || input_count == 0 || !feof(file)) {
		fprintf(stderr, "%s is no corpus\n", path);
		exit(2);
	}
	fclose(file);
}

static uint64_t dice;

static uint32_t roll(uint32_t limit)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((dice >> 32) * limit >> 32);
}

/* Two of the inputs, cut and joined, and some bytes of that changed. */
static size_t make_input(uint8_t *bytes)
{
	size_t length = 0;

	for (int part = 0; part < 2 && input_count; part++) {
		uint32_t number = roll(input_count), from, count;
		from = roll((uint32_t)inputs[number].length + 1);
		from = part == 0 ? 0 : from;
		count = roll((uint32_t)(inputs[number].length - from) + 1);
		count = length + count > LENGTH_MAX ? (uint32_t)(LENGTH_MAX - length) : count;
		memcpy(bytes + length, inputs[number].bytes + from, count);
		length += count;
	}
	for (uint32_t n = roll(12); n > 0 || length<8; n -= n> 0) {
		if (length < LENGTH_MAX && (length < 8 || roll(3) == 0)) {
			uint32_t at = roll((uint32_t)length + 1);
			memmove(bytes + at + 1, bytes + at, length - at);
			bytes[at] = (uint8_t)roll(256);
			length++;
		} else {
			bytes[roll((uint32_t)length)] = (uint8_t)roll(256);
		}
	}
	return length;
}

int main(int argc, char **argv)
{
	uint64_t seconds = 0, seed = (uint64_t)time(NULL), runs = 0;
	uint8_t bytes[LENGTH_MAX];
	time_t end;

	for (int i = 1; i < argc; i++) {
		if (i + 1 < argc && strcmp(argv[i], "--seconds") == 0) {
			seconds = strtoull(argv[++i], NULL, 0);
		} else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0) {
			seed = strtoull(argv[++i], NULL, 0);
		} else if (i + 1 < argc && strcmp(argv[i], "--keep") == 0) {
			kept = argv[++i];
		} else {
			read_corpus(argv[i]);
		}
	}
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	__sanitizer_set_death_callback(keep_input);
	signal(SIGABRT, on_signal);
	signal(SIGALRM, on_signal);
	signal(SIGBUS, on_signal);
	for (unsigned i = 0; i < input_count; i++) {
		run(inputs[i].bytes, inputs[i].length);
	}
	dice = seed;
	end = time(NULL) + (time_t)seconds;
	for (; time(NULL) < end; runs++) {
		run(bytes, make_input(bytes));
	}
	printf("%u inputs of the corpus, %llu at random\n", input_count, (unsigned long long)runs);
	for (unsigned i = 0; i < input_count; i++) {
		free(inputs[i].bytes);
	}
	return 0;
}
