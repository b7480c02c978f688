#include "support.h"

static void each_status_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (int status = 0; status < CACHE_STATUS_COUNT; status++) {
		const char *name = cache_status_name((enum cache_status)status);
		const char *text = cache_status_text((enum cache_status)status);
		CHECK(strncmp(name, "CACHE_", 6) == 0);
		CHECK(strlen(text) > 4);
		for (int other = 0; other < status; other++) {
			CHECK(strcmp(name, cache_status_name((enum cache_status)other)) != 0);
			CHECK(strcmp(text, cache_status_text((enum cache_status)other)) != 0);
		}
	}
}

static void success_is_zero(void **state)
{
	(void)state;
	CHECK_EQ(CACHE_OK, 0);
	assert_string_equal(cache_status_name(CACHE_OK), "CACHE_OK");
	assert_string_equal(cache_status_text(CACHE_OK), "success");
	assert_string_equal(cache_status_name(CACHE_BUSY), "CACHE_BUSY");
	assert_string_equal(cache_status_name(CACHE_SYSTEM), "CACHE_SYSTEM");
}

static void what_is_no_status_is_answered(void **state)
{
	(void)state;
	for (int status = CACHE_STATUS_COUNT; status < CACHE_STATUS_COUNT + 3; status++) {
		assert_string_equal(cache_status_name((enum cache_status)status), "?");
		assert_string_equal(cache_status_text((enum cache_status)status), "unknown status");
	}
	assert_string_equal(cache_status_name((enum cache_status)-1), "?");
	assert_string_equal(cache_status_text((enum cache_status)-1), "unknown status");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_status_has_a_name_and_a_sentence),
		TEST(success_is_zero),
		TEST(what_is_no_status_is_answered),
	};

	return RUN(tests, argc, argv);
}
