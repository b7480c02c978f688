--TEST--
Fetched values are right in generators that are alive when the request ends
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-generators${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

function holding(string $name, array $values): Generator
{
    try {
        foreach ($values as $key => $value) {
            yield $key => $value;
        }
    } finally {
        reuse();
        echo "$name: ", verdict($values), "\n";
    }
}

function delegating(): Generator
{
    try {
        yield from holding('inner', fetchOriginals());
    } finally {
        echo "outer\n";
    }
}

$once = holding('once', fetchOriginals());
$once->current();
$half = holding('half way', fetchOriginals());
for ($i = 0; $i < 5; $i++) {
    $half->next();
}
reuse();
/* Going on after the memory was written anew. */
for ($rest = [], $i = 5; $i < 8; $i++, $half->next()) {
    $rest[$half->key()] = $half->current();
}
var_dump($rest === array_slice(originals(), 5, 3));
$outer = delegating();
$outer->current();
$done = holding('done', fetchOriginals());
foreach ($done as $_);
reuse();
echo "end\n";
unset($once, $half, $outer);
/* This one nobody frees. */
$last = holding('last', fetchOriginals());
$last->current();
?>
--EXPECT--
bool(true)
done: right
end
once: right
half way: right
inner: right
outer
last: right
