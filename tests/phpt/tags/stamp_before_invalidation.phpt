--TEST--
A value whose stamp is older than an invalidation of its tag is born invalid
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-stamp-before-invalidation${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$began = (int) (microtime(true) * 1e6) - 5_000_000;
foreach ([false, true] as $hard) {
    cache_tag_invalidate($hard ? 'hard' : 'soft', $hard);
    $tags = ['other', $hard ? 'hard' : 'soft'];
    foreach (['store' => fn($key, $stamp) => cache_store($key, 'value', 600, 600, $tags, $stamp), 'add' => fn($key, $stamp) => cache_add($key, 'value', 600, 600, $tags, $stamp),
        'cas_store' => fn($key, $stamp) => cache_cas_store($key, 0, 'value', 600, 600, $tags, $stamp), 'if_changed' => fn($key, $stamp) => cache_store_if_changed($key, 'value', 600, 600, $tags, $stamp),
        'commit' => fn($key, $stamp) => cache_commit($key, cache_lease($key), 'value', 600, 600, $tags, $stamp)] as $key => $write) {
        echo $key, ' ', json_encode([$write("$key $hard", $began), cache_exists("$key $hard"), cache_key_info("$key $hard")['state'] ?? 0]), "\n";
        cache_delete("$key $hard");
        $write("$key $hard", null);
        cache_exists("$key $hard") || print("a value of now is invalid, too\n");
    }
}
cache_store('elsewhere', 'value', 600, 600, ['never'], $began);
var_dump(cache_fetch('elsewhere'));
?>
--EXPECT--
store [true,false,3]
add [true,false,3]
cas_store [true,false,3]
if_changed [1,false,3]
commit [true,false,3]
store [true,false,0]
add [true,false,0]
cas_store [true,false,0]
if_changed [1,false,0]
commit [true,false,0]
string(5) "value"
