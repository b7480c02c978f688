--TEST--
After ttl and stale_ttl an entry is gone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-time-stale-ends${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 0.02, 0.03);
usleep(90000);
var_dump(cache_key_info('key'), count(new Cache\EntryIterator), cache_delete('key'));
?>
--EXPECT--
NULL
int(0)
bool(false)
