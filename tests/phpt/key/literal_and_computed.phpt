--TEST--
A literal key and the same key computed meet in the same entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-literal-and-computed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function build(string ...$parts): string
{
    return implode('', $parts);
}
for ($i = 0; $i < 3; $i++) {
    cache_store('some literal', $i);
    var_dump(cache_fetch(build('some', ' ', 'literal')));
    cache_store(build('some', ' ', 'literal'), "again $i");
    var_dump(cache_fetch('some literal'));
}
?>
--EXPECT--
int(0)
string(7) "again 0"
int(1)
string(7) "again 1"
int(2)
string(7) "again 2"
