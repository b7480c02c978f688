#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "participant.h"

#include <string.h>

#include "zend_compile.h"

#include "core/store/job_queue.h"
#include "core/store/named_lock.h"

#include "class.h"
#include "errors.h"
#include "fake_clock.h"
#include "image.h"
#include "key.h"

#define SECOND_NS UINT64_C(1000000000)
/* A segment that cannot be had is asked for again after this time, by a process that lives so long. */
#define RETRY_NS (10 * SECOND_NS)

static void host_log(void *context, enum cache_log_level level, const char *line)
{
	cache_log(level, "%s", line);
}

static struct cache_host host;

uint64_t cache_monotonic_ns(void)
{
	return host.monotonic_ns(host.context);
}

int64_t cache_wall_us(void)
{
	return host.wall_us(host.context);
}

void cache_participant_prepare(void)
{
	host = cache_posix_host;
	host.log = host_log;
	host.moved = cache_image_moved;
	cache_fake_clock(&host);
	if (cache_settings_enabled(&CACHE_G(configured))) {
		store_reserve(CACHE_G(configured).size);
	}
}

static struct store *refuse(const char *sentence)
{
	strlcpy(CACHE_G(reason), sentence, sizeof(CACHE_G(reason)));
	return NULL;
}

static struct store *open_store(const struct cache_settings *settings)
{
	const struct store_options options = {
		.directory = settings->segment_dir,
		.name = settings->segment,
		.size = settings->size,
		.processes = settings->processes,
		.queue_jobs = settings->queue_size,
		.queue_attempts = settings->queue_max_attempts,
		.pinned_max = settings->pinned_max,
		.zero_copy = settings->zero_copy,
		.quarantine = settings->quarantine,
		.host_fingerprint = cache_fingerprint(),
		.host = &host,
	};
	struct store *store = NULL;
	char message[CACHE_REASON_SIZE] = "";
	enum cache_status status = store_open(&options, &store, message, sizeof(message));

	if (status != CACHE_OK) {
		const char *sentence = message[0] ? message : cache_status_text(status);
		CACHE_G(retry_ns) = cache_monotonic_ns() + RETRY_NS;
		cache_log_once(CACHE_ONCE_UNAVAILABLE, CACHE_LOG_WARNING, "the cache is disabled: %s", sentence);
		return refuse(sentence);
	}
	if (message[0]) {
		cache_log_once(CACHE_ONCE_OPENED, CACHE_LOG_NOTICE, "%s", message);
	}
	CACHE_G(reason)[0] = '\0';
	CACHE_G(checked_ns) = cache_monotonic_ns();
	cache_key_forget();
	CACHE_G(store) = store;
	return store;
}

struct store *cache_participant_attach(void)
{
	/* Values of this time would live in the memory of a process that serves nobody. */
	if (CG(compiler_options) & (ZEND_COMPILE_PRELOAD | ZEND_COMPILE_PRELOAD_IN_CHILD)) {
		return refuse("the cache is disabled during preloading");
	}
	if (!CACHE_G(frozen)) {
		if (CACHE_G(rejected)) {
			return refuse("a setting is not valid: see the error log");
		}
		cache_settings_freeze(&CACHE_G(configured), &CACHE_G(settings));
		CACHE_G(frozen) = true;
	}
	if (!cache_settings_enabled(&CACHE_G(settings))) {
		return refuse(CACHE_G(settings).enable ? "cache.enable_cli is 0" : "cache.enable is 0");
	}
	if (CACHE_G(retry_ns) && cache_monotonic_ns() < CACHE_G(retry_ns)) {
		return NULL;
	}
	return open_store(&CACHE_G(settings));
}

const char *cache_participant_reason(void)
{
	return CACHE_G(reason);
}

void cache_participant_begin_request(void)
{
	struct store *store = CACHE_G(store);
	uint64_t now;

	if (!store) {
		return;
	}
	now = cache_monotonic_ns();
	if (now - CACHE_G(checked_ns) >= SECOND_NS) {
		CACHE_G(checked_ns) = now;
		/* First: what is cut off must not be touched. */
		if (!store_is_current(store)) {
			CACHE_G(store) = NULL;
			store_close(store);
			return;
		}
	}
	store_unpin_all(store);
	store_sweep(store);
}

void cache_participant_end_request(void)
{
	if (CACHE_G(store)) {
		store_release_leases(CACHE_G(store));
		store_lock_release_all(CACHE_G(store));
		store_queue_deafen(CACHE_G(store));
		store_unpin_all(CACHE_G(store));
	}
	cache_key_forget_interned();
	cache_class_forget();
}

void cache_participant_detach(zend_cache_globals *globals)
{
	if (globals->store) {
		store_close(globals->store);
		globals->store = NULL;
	}
	if (globals->maker) {
		cache_image_free_maker(globals->maker);
		globals->maker = NULL;
	}
	if (globals->frozen) {
		cache_settings_free(&globals->settings);
		globals->frozen = false;
	}
}
