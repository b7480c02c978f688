#include "core/base/status.h"

static const char *const texts[CACHE_STATUS_COUNT] = {
#define X(name, text) [name] = text,
	CACHE_STATUS_TABLE(X)
#undef X
};

static const char *const names[CACHE_STATUS_COUNT] = {
#define X(name, text) [name] = #name,
	CACHE_STATUS_TABLE(X)
#undef X
};

const char *cache_status_text(enum cache_status status)
{
	return (unsigned)status < CACHE_STATUS_COUNT ? texts[status] : "unknown status";
}

const char *cache_status_name(enum cache_status status)
{
	return (unsigned)status < CACHE_STATUS_COUNT ? names[status] : "?";
}
