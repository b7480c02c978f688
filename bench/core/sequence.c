#include "sequence.h"

#include <stdlib.h>

#include "segment.h"

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		fail("no memory for %zu objects of %zu bytes", count, size);
	}
	return memory;
}

struct sequence sequence_read(FILE *file)
{
	struct sequence s = {0};
	size_t room = 0;
	char line[32];

	while (fgets(line, sizeof line, file)) {
		char *end;
		unsigned long object = strtoul(line, &end, 10);
		if (end == line || *end != '\n' || object >= UINT32_MAX) {
			fail("line %zu of the trace is no object's number", s.length + 1);
		}
		if (s.length == room) {
			room = room ? room * 2 : 1 << 16;
			s.objects = realloc(s.objects, room * sizeof *s.objects);
			if (!s.objects) {
				fail("no memory for %zu requests", room);
			}
		}
		s.objects[s.length++] = (uint32_t)object;
		if (object >= s.universe) {
			s.universe = (uint32_t)object + 1;
		}
	}
	return s;
}

/* SplitMix64 */
static uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The first index whose sum is above the number. */
static uint32_t find(const double *sums, uint32_t count, double number)
{
	uint32_t low = 0, high = count - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (sums[middle] > number) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

/* Fisher and Yates. */
static uint32_t *shuffled(uint32_t count, uint64_t *state)
{
	uint32_t *numbers = allocate(count, sizeof *numbers);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = (uint32_t)(random_next(state) % (i + 1));
		numbers[i] = numbers[other];
		numbers[other] = i;
	}
	return numbers;
}

struct sequence sequence_zipf(uint32_t universe, size_t length, uint64_t seed)
{
	struct sequence s = {allocate(length, sizeof *s.objects), length, universe};
	uint32_t *numbers = shuffled(universe, &seed);
	double *sums = allocate(universe, sizeof *sums), sum = 0;

	for (uint32_t i = 0; i < universe; i++) {
		sums[i] = sum += 1.0 / (i + 1);
	}
	for (size_t i = 0; i < length; i++) {
		double number = (double)(random_next(&seed) >> 11) / (double)(UINT64_C(1) << 53) * sum;
		s.objects[i] = numbers[find(sums, universe, number)];
	}
	free(numbers);
	free(sums);
	return s;
}

void sequence_free(struct sequence *sequence)
{
	free(sequence->objects);
}
