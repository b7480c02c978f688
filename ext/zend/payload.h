/* The payload of a job: any value as bytes that another process can read. */
#ifndef CACHE_ZEND_PAYLOAD_H
#define CACHE_ZEND_PAYLOAD_H

#include "php.h"

struct cache_payload {
	const char *bytes;
	size_t size;
	uint8_t flags;
	/* What the bytes belong to, or NULL. */
	zend_string *owned;
	union {
		zend_long integer;
		double number;
	} scalar;
};

/** False: an exception was thrown. To be freed by cache_payload_free(). Runs user code of objects. */
bool cache_payload_encode(zval *value, uint32_t argument, struct cache_payload *payload);
static inline void cache_payload_free(struct cache_payload *payload)
{
	if (payload->owned) {
		zend_string_release(payload->owned);
	}
}

/** Takes the bytes over. False: `value` is null; an exception was thrown, or they cannot be decoded here, which is logged. */
bool cache_payload_decode(zend_string *bytes, uint8_t flags, zval *value);

#endif
