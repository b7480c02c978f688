/*
 * All directives are PHP_INI_SYSTEM. A value that is not valid stops PHP's start; in an FPM pool, whose values come
 * after the start, it is logged and the cache stays off in that pool. Nothing falls back to a default in silence.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "ini.h"

#include "php.h"
#include "php_ini.h"
#include "SAPI.h"

#include "errors.h"
#include "globals.h"

#define SEGMENT_NAME_MAX 64
/* Leaves room for a file name below it within PATH_MAX. */
#define SEGMENT_DIR_MAX 3800
#define PINNED_MIN (UINT64_C(64) << 10)

static char startup_error[CACHE_REASON_SIZE];

const char *cache_ini_startup_error(void)
{
	return startup_error[0] ? startup_error : NULL;
}

static int refuse(const zend_ini_entry *entry, const char *value, const char *expected, int stage)
{
	char sentence[CACHE_REASON_SIZE];

	snprintf(sentence, sizeof(sentence), "%s must be %s; \"%.100s\" was given", ZSTR_VAL(entry->name), expected,
	         value);
	if (stage == ZEND_INI_STAGE_STARTUP) {
		if (!startup_error[0]) {
			strlcpy(startup_error, sentence, sizeof(startup_error));
		}
	} else if (!CACHE_G(rejected)) {
		CACHE_G(rejected) = true;
		cache_log(CACHE_LOG_WARNING, "%s. The cache stays disabled", sentence);
	}
	return FAILURE;
}

#define VALUE_TEXT(value) ((value) ? ZSTR_VAL(value) : "")

static ZEND_INI_MH(update_bool)
{
	static const char *const words_on[] = {"1", "on", "yes", "true"};
	static const char *const words_off[] = {"", "0", "off", "no", "false", "none"};
	bool *target = (bool *)ZEND_INI_GET_ADDR();
	const char *text = VALUE_TEXT(new_value);

	for (size_t i = 0; i < sizeof(words_on) / sizeof(*words_on); i++) {
		if (strcasecmp(text, words_on[i]) == 0) {
			*target = true;
			return SUCCESS;
		}
	}
	for (size_t i = 0; i < sizeof(words_off) / sizeof(*words_off); i++) {
		if (strcasecmp(text, words_off[i]) == 0) {
			*target = false;
			return SUCCESS;
		}
	}
	return refuse(entry, text, "1 or 0", stage);
}

static ZEND_INI_MH(update_segment)
{
	const char **target = (const char **)ZEND_INI_GET_ADDR();
	const char *text = VALUE_TEXT(new_value);
	size_t length = new_value ? ZSTR_LEN(new_value) : 0;
	bool valid = length >= 1 && length <= SEGMENT_NAME_MAX && text[0] != '.';

	for (size_t i = 0; i < length && valid; i++) {
		char c = text[i];
		valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_'
			|| c == '-';
	}
	if (!valid) {
		return refuse(entry, text, "a name of 1 to 64 characters of A-Z a-z 0-9 . _ - that does not begin with a dot",
		              stage);
	}
	*target = text;
	return SUCCESS;
}

static ZEND_INI_MH(update_segment_dir)
{
	const char **target = (const char **)ZEND_INI_GET_ADDR();
	const char *text = VALUE_TEXT(new_value);
	size_t length = new_value ? ZSTR_LEN(new_value) : 0;

	if (length > SEGMENT_DIR_MAX || strlen(text) != length || (length && text[0] != '/')) {
		return refuse(entry, text, "empty or the absolute path of a directory, of at most 3800 bytes", stage);
	}
	*target = text;
	return SUCCESS;
}

static bool parse_bytes(zend_string *value, uint64_t min, uint64_t max, uint64_t *bytes)
{
	zend_string *error = NULL;
	zend_long quantity;

	if (!value || ZSTR_LEN(value) == 0) {
		return false;
	}
	quantity = zend_ini_parse_quantity(value, &error);
	if (error) {
		zend_string_release(error);
		return false;
	}
	if (quantity < 0 || (uint64_t)quantity < min || (uint64_t)quantity > max) {
		return false;
	}
	*bytes = (uint64_t)quantity;
	return true;
}

static ZEND_INI_MH(update_size)
{
	uint64_t *target = (uint64_t *)ZEND_INI_GET_ADDR();

	if (!parse_bytes(new_value, STORE_SIZE_MIN, STORE_SIZE_MAX, target)) {
		return refuse(entry, VALUE_TEXT(new_value), "a size from 1M to 1024G, such as 64M", stage);
	}
	return SUCCESS;
}

/* Decimal digits and nothing else. */
static bool parse_number(const char *text, size_t length, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;

	if (length < 1 || length > 9) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	if (value < 1 || value > max) {
		return false;
	}
	*number = (uint32_t)value;
	return true;
}

static ZEND_INI_MH(update_pinned)
{
	struct cache_settings *target = (struct cache_settings *)ZEND_INI_GET_ADDR();
	const char *text = VALUE_TEXT(new_value);
	size_t length = new_value ? ZSTR_LEN(new_value) : 0;
	uint32_t percent = 0;
	uint64_t bytes = 0;
	bool valid = length && text[length - 1] == '%' ? parse_number(text, length - 1, 100, &percent)
		: parse_bytes(new_value, PINNED_MIN, STORE_SIZE_MAX, &bytes);

	if (!valid) {
		return refuse(entry, text, "a share from 1% to 100%, or a size from 64K to 1024G", stage);
	}
	target->pinned_percent = percent;
	target->pinned_max = bytes;
	return SUCCESS;
}

static ZEND_INI_MH(update_processes)
{
	uint32_t *target = (uint32_t *)ZEND_INI_GET_ADDR();

	if (!new_value || !parse_number(ZSTR_VAL(new_value), ZSTR_LEN(new_value), STORE_PROCESSES_MAX, target)) {
		return refuse(entry, VALUE_TEXT(new_value), "a number from 1 to 8192", stage);
	}
	return SUCCESS;
}

static ZEND_INI_MH(update_queue_size)
{
	uint32_t *target = (uint32_t *)ZEND_INI_GET_ADDR();

	if (!new_value || !parse_number(ZSTR_VAL(new_value), ZSTR_LEN(new_value), STORE_QUEUE_JOBS_MAX, target)) {
		return refuse(entry, VALUE_TEXT(new_value), "a number from 1 to 65536", stage);
	}
	return SUCCESS;
}

static ZEND_INI_MH(update_queue_attempts)
{
	uint32_t *target = (uint32_t *)ZEND_INI_GET_ADDR();

	if (!new_value || !parse_number(ZSTR_VAL(new_value), ZSTR_LEN(new_value), STORE_QUEUE_ATTEMPTS_MAX, target)) {
		return refuse(entry, VALUE_TEXT(new_value), "a number from 1 to 100", stage);
	}
	return SUCCESS;
}

struct word {
	const char *text;
	int value;
};

static bool find_word(const struct word *words, const char *text, int *value)
{
	for (; words->text; words++) {
		if (strcasecmp(words->text, text) == 0) {
			*value = words->value;
			return true;
		}
	}
	return false;
}

static ZEND_INI_MH(update_zero_copy)
{
	/* An unquoted `off` in an INI file arrives as "", and `on` as "1". */
	static const struct word words[] = {
		{"auto", STORE_ZERO_COPY_AUTO}, {"on", STORE_ZERO_COPY_AUTO}, {"1", STORE_ZERO_COPY_AUTO},
		{"off", STORE_ZERO_COPY_OFF}, {"", STORE_ZERO_COPY_OFF}, {"0", STORE_ZERO_COPY_OFF},
		{"rw", STORE_ZERO_COPY_RW}, {NULL, 0},
	};
	enum store_zero_copy *target = (enum store_zero_copy *)ZEND_INI_GET_ADDR();
	int value;

	if (!find_word(words, VALUE_TEXT(new_value), &value)) {
		return refuse(entry, VALUE_TEXT(new_value), "auto, off or rw", stage);
	}
	*target = (enum store_zero_copy)value;
	return SUCCESS;
}

static ZEND_INI_MH(update_serializer)
{
	static const struct word words[] = {
		{"", CACHE_SERIALIZER_PHP}, {"php", CACHE_SERIALIZER_PHP}, {"igbinary", CACHE_SERIALIZER_IGBINARY},
		{"msgpack", CACHE_SERIALIZER_MSGPACK}, {NULL, 0},
	};
	enum cache_serializer *target = (enum cache_serializer *)ZEND_INI_GET_ADDR();
	int value;

	if (!find_word(words, VALUE_TEXT(new_value), &value)) {
		return refuse(entry, VALUE_TEXT(new_value), "php, igbinary, msgpack or empty", stage);
	}
	*target = (enum cache_serializer)value;
	return SUCCESS;
}

#define ENTRY(name, value, update, member) \
	STD_PHP_INI_ENTRY("cache." name, value, PHP_INI_SYSTEM, update, member, zend_cache_globals, cache_globals)
#define ENTRY_BOOL(name, value, member) \
	STD_PHP_INI_BOOLEAN("cache." name, value, PHP_INI_SYSTEM, update_bool, member, zend_cache_globals, cache_globals)

PHP_INI_BEGIN()
	ENTRY_BOOL("enable", "1", configured.enable)
	ENTRY_BOOL("enable_cli", "1", configured.enable_cli)
	ENTRY("segment", "default", update_segment, configured.segment)
	ENTRY("segment_dir", "", update_segment_dir, configured.segment_dir)
	ENTRY("size", "64M", update_size, configured.size)
	ENTRY("zero_copy", "auto", update_zero_copy, configured.zero_copy)
	ENTRY("max_pinned", "10%", update_pinned, configured)
	ENTRY("serializer", "", update_serializer, configured.serializer)
	ENTRY("max_processes", "1024", update_processes, configured.processes)
	ENTRY("queue_size", "4096", update_queue_size, configured.queue_size)
	ENTRY("queue_max_attempts", "5", update_queue_attempts, configured.queue_max_attempts)
	ENTRY_BOOL("quarantine", "0", configured.quarantine)
PHP_INI_END()

void cache_ini_register(int module_number)
{
	zend_register_ini_entries(ini_entries, module_number);
}

void cache_ini_unregister(int module_number)
{
	zend_unregister_ini_entries(module_number);
}

bool cache_settings_enabled(const struct cache_settings *settings)
{
	return settings->enable && (settings->enable_cli || strcmp(sapi_module.name, "cli") != 0);
}

/* What a process that runs for long may hold at least. */
#define PINNED_LEAST (UINT64_C(4) << 20)

bool cache_requests_end(void)
{
	static const char *const endless[] = {"cli", "phpdbg", "embed", "micro", "frankenphp"};

	for (size_t i = 0; i < sizeof(endless) / sizeof(*endless); i++) {
		if (strcmp(sapi_module.name, endless[i]) == 0) {
			return false;
		}
	}
	return true;
}

void cache_settings_freeze(const struct cache_settings *configured, struct cache_settings *frozen)
{
	*frozen = *configured;
	frozen->segment = pestrdup(configured->segment, 1);
	frozen->segment_dir = pestrdup(configured->segment_dir, 1);
	if (frozen->pinned_percent) {
		frozen->pinned_max = frozen->size / 100 * frozen->pinned_percent;
		if (!cache_requests_end()) {
			frozen->pinned_max = MAX(frozen->pinned_max / 10, MIN(frozen->pinned_max, PINNED_LEAST));
		}
	}
}

void cache_settings_free(struct cache_settings *frozen)
{
	pefree((char *)frozen->segment, 1);
	pefree((char *)frozen->segment_dir, 1);
}
