--TEST--
More literal keys than the memo of hashes has places
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-many-literals${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$code = '';
for ($i = 0; $i < 3000; $i++) {
    $code .= "cache_store('literal key $i', $i);";
}
eval($code);
$code = '$wrong = 0;';
for ($i = 0; $i < 3000; $i++) {
    $code .= "\$wrong += cache_fetch('literal key $i') !== $i;";
}
eval($code);
eval($code);
var_dump($wrong, count(new Cache\EntryIterator('literal key ')));
?>
--EXPECT--
int(0)
int(3000)
