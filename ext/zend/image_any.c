/* Images on any processor. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "image_maker.h"

#include "compat.h"

static zend_always_inline bool is_ascii(const char *bytes, size_t length)
{
	uint64_t all = 0, word;

	for (; length >= 8; length -= 8, bytes += 8) {
		memcpy(&word, bytes, 8);
		all |= word;
	}
	for (; length > 0; length--, bytes++) {
		all |= (unsigned char)*bytes;
	}
	return !(all & IMAGE_HIGH_BITS);
}

/* The last word of the node: whatever is not the string's is zero. */
static zend_always_inline void copy_bytes(const zend_string *source, zend_string *to)
{
	memset((char *)to + cache_text_size(ZSTR_LEN(source)) - 8, 0, 8);
	memcpy(ZSTR_VAL(to), ZSTR_VAL(source), ZSTR_LEN(source));
}

static zend_always_inline void put_text(const zend_string *source, zend_string *to, const char *end)
{
	zend_ulong hash = ZSTR_H(source);

	copy_bytes(source, to);
	if (!hash) {
		hash = zend_inline_hash_func(ZSTR_VAL(source), ZSTR_LEN(source));
	}
	image_string_header(to, hash, ZSTR_LEN(source), is_ascii(ZSTR_VAL(source), ZSTR_LEN(source)));
}

#include "image_variant.h"

const struct image_variant image_variant_any = {{measure_array, make_array}, {measure_string, make_string}};
