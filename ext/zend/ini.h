/* The INI directives: their values, and what is in force. */
#ifndef CACHE_ZEND_INI_H
#define CACHE_ZEND_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/store/store.h"

/* Part of the file format (store_item.flags): never renumber. */
enum cache_serializer {
	CACHE_SERIALIZER_PHP = 0,
	CACHE_SERIALIZER_IGBINARY = 1,
	CACHE_SERIALIZER_MSGPACK = 2,
};

struct cache_settings {
	bool enable, enable_cli, quarantine;
	/** Texts of the INI entries; copies of them once frozen. */
	const char *segment, *segment_dir;
	uint64_t size;
	/** Bytes, if the percentage is 0. */
	uint64_t pinned_max;
	uint32_t pinned_percent;
	uint32_t processes;
	uint32_t queue_size, queue_max_attempts;
	enum store_zero_copy zero_copy;
	enum cache_serializer serializer;
};

void cache_ini_register(int module_number);
void cache_ini_unregister(int module_number);

/** The sentence about the first value that was refused while PHP started, or NULL. */
const char *cache_ini_startup_error(void);

/** Is the cache switched on for this SAPI, as far as the settings say? */
bool cache_settings_enabled(const struct cache_settings *settings);

/** Makes `frozen` what is in force from now on, independent of the INI entries. */
void cache_settings_freeze(const struct cache_settings *configured, struct cache_settings *frozen);
void cache_settings_free(struct cache_settings *frozen);

/** Do requests end before the process does? Else a process holds what it fetched once to its end. */
bool cache_requests_end(void);

#endif
