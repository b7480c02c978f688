/* How failures reach people: return values, exceptions, lines of the log. */
#ifndef CACHE_ZEND_ERRORS_H
#define CACHE_ZEND_ERRORS_H

#include "php.h"

#include "core/base/host.h"
#include "core/base/status.h"

extern zend_class_entry *cache_ce_exception;
extern zend_class_entry *cache_ce_unstorable;
extern zend_class_entry *cache_ce_lock_upgrade;

/** One line to PHP's error log, after "cache: ". Raises no PHP error, runs no error handler. */
ZEND_COLD void cache_log(enum cache_log_level level, const char *format, ...) ZEND_ATTRIBUTE_FORMAT(printf, 2, 3);

/** Matters of which a process logs the first case only. */
enum cache_once {
	CACHE_ONCE_UNAVAILABLE,
	CACHE_ONCE_OPENED,
	CACHE_ONCE_NO_SERIALIZER,
	CACHE_ONCE_CLASS,
	CACHE_ONCE_UNDECODABLE,
	CACHE_ONCE_STATUS,
	CACHE_ONCE_QUEUES,
	CACHE_ONCE_COUNT
};

ZEND_COLD void cache_log_once(enum cache_once matter, enum cache_log_level level, const char *format, ...)
	ZEND_ATTRIBUTE_FORMAT(printf, 3, 4);

/**
 * What an operation's status is to PHP: did it do what was asked? A miss, contention and a full segment are a plain
 * "no" (and the store's counters); a status that no operation should have is logged, too.
 */
bool cache_status_succeeded(enum cache_status status);

#endif
