--TEST--
An entry whose tag was invalidated cannot be renewed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-touch-tags${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('soft', 'value', 60, 60, ['other', 'tag']);
cache_store('hard', 'value', 60, 60, ['tag']);
cache_store('marked', 'value', 60, 60, ['tag']);
cache_store('without', 'value', 60, 60, ['other']);
cache_mark_stale('marked');
cache_tag_invalidate('tag');
$stamp = cache_stamp('soft');
var_dump(cache_cas_touch('soft', null), cache_cas_touch('soft', $stamp), cache_cas_touch('marked', cache_stamp('marked')), cache_exists('soft'), cache_exists('marked'), cache_stamp('soft') === $stamp);
cache_tag_invalidate('tag', true);
var_dump(cache_cas_touch('hard', null), cache_cas_touch('soft', null), cache_stamp('soft'), cache_cas_touch('without', null));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
bool(true)
