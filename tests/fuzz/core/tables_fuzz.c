/* segment_fuzz.c on tags, leases, named locks and the queue alone, so that each of its changes meets them. */
#define FUZZ_PARTS MUTATE_TABLES
#include "segment_fuzz.c"
