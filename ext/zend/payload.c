#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "payload.h"

#include "core/shm/queue.h"

#include "globals.h"
#include "serializer.h"
#include "storable.h"

/* Part of the file format: never change. The kind, and for serialized values whose bytes they are << 4. */
enum kind { KIND_NULL, KIND_FALSE, KIND_TRUE, KIND_LONG, KIND_DOUBLE, KIND_STRING, KIND_SERIALIZED };
#define KIND_MASK 0x0f
#define SERIALIZER_SHIFT 4

static bool encode_serialized(zval *value, struct cache_payload *payload)
{
	const struct cache_path root = {.variable = "payload"};
	enum cache_serializer serializer = CACHE_G(settings).serializer;

	if (!cache_storable_check(value, &root)) {
		return false;
	}
	payload->owned = cache_serialize(value, &serializer);
	if (!payload->owned) {
		cache_storable_convert_exception(&root);
		return false;
	}
	payload->flags = (uint8_t)(KIND_SERIALIZED | (unsigned)serializer << SERIALIZER_SHIFT);
	return true;
}

static void set_bytes(struct cache_payload *payload, enum kind kind, const void *bytes, size_t size)
{
	payload->flags = (uint8_t)kind;
	payload->bytes = bytes;
	payload->size = size;
}

bool cache_payload_encode(zval *value, uint32_t argument, struct cache_payload *payload)
{
	ZVAL_DEREF(value);
	payload->owned = NULL;
	set_bytes(payload, KIND_NULL, "", 0);
	switch (Z_TYPE_P(value)) {
	case IS_NULL:
		return true;
	case IS_FALSE:
		payload->flags = KIND_FALSE;
		return true;
	case IS_TRUE:
		payload->flags = KIND_TRUE;
		return true;
	case IS_LONG:
		payload->scalar.integer = Z_LVAL_P(value);
		set_bytes(payload, KIND_LONG, &payload->scalar.integer, sizeof(zend_long));
		return true;
	case IS_DOUBLE:
		payload->scalar.number = Z_DVAL_P(value);
		set_bytes(payload, KIND_DOUBLE, &payload->scalar.number, sizeof(double));
		return true;
	case IS_STRING:
		payload->owned = zend_string_copy(Z_STR_P(value));
		payload->flags = KIND_STRING;
		break;
	default:
		if (!encode_serialized(value, payload)) {
			return false;
		}
	}
	payload->bytes = ZSTR_VAL(payload->owned);
	payload->size = ZSTR_LEN(payload->owned);
	if (payload->size > QUEUE_TEXT_MAX) {
		zend_argument_value_error(argument, "must have at most %u bytes when it is serialized, it has %zu", QUEUE_TEXT_MAX,
		                          payload->size);
		cache_payload_free(payload);
		return false;
	}
	return true;
}

static bool decode_scalar(const zend_string *bytes, enum kind kind, zval *value)
{
	switch (kind) {
	case KIND_NULL:
		return true;
	case KIND_FALSE:
		ZVAL_FALSE(value);
		return true;
	case KIND_TRUE:
		ZVAL_TRUE(value);
		return true;
	case KIND_LONG:
		ZVAL_LONG(value, 0);
		memcpy(&Z_LVAL_P(value), ZSTR_VAL(bytes), MIN(ZSTR_LEN(bytes), sizeof(zend_long)));
		return ZSTR_LEN(bytes) == sizeof(zend_long);
	case KIND_DOUBLE:
		ZVAL_DOUBLE(value, 0);
		memcpy(&Z_DVAL_P(value), ZSTR_VAL(bytes), MIN(ZSTR_LEN(bytes), sizeof(double)));
		return ZSTR_LEN(bytes) == sizeof(double);
	default:
		return false;
	}
}

bool cache_payload_decode(zend_string *bytes, uint8_t flags, zval *value)
{
	enum kind kind = (enum kind)(flags & KIND_MASK);
	bool decoded;

	ZVAL_NULL(value);
	if (kind == KIND_STRING) {
		ZVAL_STR(value, bytes);
		return true;
	}
	if (kind == KIND_SERIALIZED) {
		decoded = cache_unserialize((enum cache_serializer)(flags >> SERIALIZER_SHIFT), ZSTR_VAL(bytes), ZSTR_LEN(bytes), value);
	} else {
		decoded = decode_scalar(bytes, kind, value);
	}
	zend_string_release(bytes);
	return decoded;
}
