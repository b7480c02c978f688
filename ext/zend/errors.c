#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "errors.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <syslog.h>

zend_class_entry *cache_ce_exception;
zend_class_entry *cache_ce_unstorable;
zend_class_entry *cache_ce_lock_upgrade;

#define LINE_SIZE 1024

static void log_line(enum cache_log_level level, const char *format, va_list arguments)
{
	char line[LINE_SIZE] = "cache: ";
	size_t used = strlen(line);

	vsnprintf(line + used, sizeof(line) - used, format, arguments);
	php_log_err_with_severity(line, level == CACHE_LOG_WARNING ? LOG_WARNING : LOG_NOTICE);
}

void cache_log(enum cache_log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(level, format, arguments);
	va_end(arguments);
}

void cache_log_once(enum cache_once matter, enum cache_log_level level, const char *format, ...)
{
	static atomic_bool logged[CACHE_ONCE_COUNT];
	va_list arguments;

	if (atomic_exchange(&logged[matter], true)) {
		return;
	}
	va_start(arguments, format);
	log_line(level, format, arguments);
	va_end(arguments);
}

enum answer {
	ANSWER_UNEXPECTED = 0,
	ANSWER_YES,
	ANSWER_NO,
};

/* What is not named here belongs to the opening of a segment or to a key that PHP_FUNCTION has let through. */
static const unsigned char answers[CACHE_STATUS_COUNT] = {
	[CACHE_OK] = ANSWER_YES,
	[CACHE_MISSING] = ANSWER_NO,
	[CACHE_EXISTS] = ANSWER_NO,
	[CACHE_MISMATCH] = ANSWER_NO,
	[CACHE_WRONG_TYPE] = ANSWER_NO,
	[CACHE_OVERFLOW] = ANSWER_NO,
	[CACHE_TOO_BIG] = ANSWER_NO,
	[CACHE_NO_MEMORY] = ANSWER_NO,
	[CACHE_BUSY] = ANSWER_NO,
	[CACHE_SYSTEM] = ANSWER_NO, /* a forked child cannot attach: the store has logged why */
	[CACHE_NO_SLOT] = ANSWER_NO,
	[CACHE_LOCKED] = ANSWER_NO,
	[CACHE_FULL] = ANSWER_NO,
};

bool cache_status_succeeded(enum cache_status status)
{
	if (UNEXPECTED((unsigned)status >= CACHE_STATUS_COUNT || answers[status] == ANSWER_UNEXPECTED)) {
		cache_log_once(CACHE_ONCE_STATUS, CACHE_LOG_WARNING, "an operation failed: %s", cache_status_text(status));
		return false;
	}
	return answers[status] == ANSWER_YES;
}
