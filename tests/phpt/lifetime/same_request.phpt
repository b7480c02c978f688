--TEST--
A fetched value stays what it was when its entry is overwritten, deleted, cleared, expired or evicted
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-same-request${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

$ways = [
    'overwritten' => fn() => storeOriginals(7),
    'deleted' => fn() => cache_delete(array_keys(originals())),
    'deleted by iterator' => fn() => cache_delete(new Cache\EntryIterator),
    'cleared' => fn() => cache_clear(),
    'evicted' => fn() => reuse(),
    'expired' => function () {
        usleep(260000);
        cache_exists(array_keys(originals()));
    },
];
foreach ($ways as $name => $way) {
    $fetched = fetchOriginals();
    $copy = $fetched;
    $copy['map']['new'] = $copy['rows'][3]['name'] = 'written';
    if ($name === 'expired') {
        storeOriginals(0, 0.25);
        $fetched = cache_fetch(array_keys(originals()));
    }
    $way();
    echo "$name: ", verdict($fetched), ', ';
    reuse();
    echo verdict($fetched), $copy['rows'][3] === array_replace(originals()['rows'][3], ['name' => 'written']) ? '' : ' copy', "\n";
}
?>
--EXPECT--
overwritten: right, right
deleted: right, right
deleted by iterator: right, right
cleared: right, right
evicted: right, right
expired: right, right
