--TEST--
With a directory that cannot be used the cache is disabled, and one line says so
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-disabled-unusable-directory${CACHE_TEST_RUN}
cache.segment_dir=/nonexistent/directory
--FILE--
<?php
var_dump(cache_enabled());
var_dump(cache_store('a', 1), cache_store(['a' => 1, 5 => 2]), cache_add('a', 1), cache_fetch('a', $success), $success);
var_dump(cache_fetch(['a'], $success), $success, cache_exists('a'), cache_exists(['a']), cache_delete('a'), cache_delete(['a', 5]));
var_dump(cache_delete(new Cache\EntryIterator), cache_inc('a', 1, $success), $success, cache_dec('a'), cache_cas('a', 1, 2), cache_clear());
var_dump(cache_key_info('a'), count(new Cache\EntryIterator), iterator_to_array(new Cache\EntryIterator('a', '/a/', true)));
var_dump(cache_info());
echo json_encode([cache_gets('a', $token), $token, cache_gets(['a', 5], $token), $token, cache_cas_store('a', 0, 1), cache_cas_store('a', 5, 1),
    cache_cas_delete('a', 5), cache_merge('a', fn() => print('called')), cache_store_if_changed('a', 1), cache_cas_touch('a', null)]), "\n";
echo json_encode([cache_stamp('a'), cache_stamp(['a']), cache_cas_lock('a', 0, 1), cache_fetch_entries(['a', 5]), cache_mark_stale('a'), cache_mark_stale(['a', 5]),
    cache_tag_invalidate('t'), cache_tag_invalidate(['t', 'u'], true)]), "\n";
echo json_encode([cache_fetch_stale('a', $state, $lease, 5), $state, $lease, cache_fetch_stale(['a', 5], $state, $lease, 5), $state, $lease, cache_lease('a'),
    cache_lease_extend('a', 5, 5), cache_lease_release('a', 5), cache_commit('a', 5, 1), cache_compute('a', fn() => 'computed')]), "\n";
foreach ([fn() => cache_gets(['a', '']), fn() => cache_cas_touch('a', null, -1), fn() => cache_cas_lock('a', -1, 0), fn() => cache_tag_invalidate(['t', ''])] as $call) {
    try {
        $call();
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
try {
    cache_store('', 1);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECTF--
%Acache: the cache is disabled: %s
%Abool(false)
bool(false)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "5"
}
bool(false)
bool(false)
bool(false)
array(0) {
}
bool(false)
bool(false)
array(0) {
}
bool(false)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "5"
}
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
NULL
int(0)
array(0) {
}
array(3) {
  ["enabled"]=>
  bool(false)
  ["version"]=>
  string(5) "0.1.0"
  ["reason"]=>
  string(%d) "%s"
}
[false,0,[],{"a":0,"5":0},false,false,false,false,0,false]
[false,[],false,[],false,["a","5"],0,0]
[false,0,0,[],{"a":0,"5":0},{"a":0,"5":0},0,false,false,false,"computed"]
cache_gets(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
cache_cas_touch(): Argument #3 ($new) must be greater than or equal to 0
cache_cas_lock(): Argument #2 ($expected) must be between 0 and 2 ** 62 - 1
cache_tag_invalidate(): Argument #1 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
cache_store(): Argument #1 ($key) must be 1 to 65535 bytes long
