--TEST--
Cache\EntryIterator yields every entry once, with its fields
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-walks-all${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 250; $i++) {
    cache_store("key $i", $i);
}
$keys = [];
foreach (new Cache\EntryIterator as $key => $entry) {
    $keys[] = $key;
    if ($entry['key'] !== $key || isset($entry['value'])) {
        var_dump($key, $entry);
    }
}
var_dump(count($keys), count(array_unique($keys)), [...array_keys($entry), 'lease'] === ['key', ...array_keys(cache_key_info('key 1'))]);
foreach ([1, 7, 1000] as $chunk) {
    var_dump(iterator_count(new Cache\EntryIterator(chunk: $chunk)));
}
?>
--EXPECT--
int(250)
int(250)
bool(true)
int(250)
int(250)
int(250)
