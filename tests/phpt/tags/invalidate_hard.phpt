--TEST--
A hard invalidation makes entries of the tag missing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-invalidate-hard${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('a', 'A', 600, 600, ['one', 'two']);
cache_store('b', 5, 0, INF, ['two']);
cache_store('c', 'C', 600, 600, ['three']);
cache_gets('a', $token);
var_dump(cache_tag_invalidate('two', true), cache_key_info('a'), cache_key_info('b'), cache_fetch('c'));
var_dump(cache_fetch_stale('a', $state), $state, cache_stamp('a'), cache_fetch_entries(['a', 'b']), cache_cas_store('a', $token, 'x'), cache_cas_delete('a', $token), cache_delete('a'), cache_mark_stale('b'), cache_cas_touch('b', null), cache_cas_lock('b', 0, 1));
var_dump(iterator_count(new Cache\EntryIterator), cache_inc('b'), cache_add('a', 'new', tags: ['two']), cache_fetch('a'), cache_tag_invalidate(hard: true, tags: 'two'), cache_fetch('a'));
echo "soft, then hard\n";
cache_store('a', 'A', 600, 600, ['one', 'two']);
cache_tag_invalidate('one');
var_dump(cache_fetch_stale('a'), cache_tag_invalidate('two', true), cache_fetch_stale('a'), cache_tag_invalidate('two'), cache_fetch_stale('a'));
?>
--EXPECT--
int(1)
NULL
NULL
string(1) "C"
bool(false)
int(0)
bool(false)
array(0) {
}
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
int(1)
int(1)
bool(true)
string(3) "new"
int(1)
bool(false)
soft, then hard
string(1) "A"
int(1)
bool(false)
int(1)
bool(false)
