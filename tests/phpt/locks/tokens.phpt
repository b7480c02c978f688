--TEST--
Tokens only grow, over names, modes and processes
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-tokens${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$last = 0;
$take = static function (string $name, bool $write): int {
    $token = $write ? cache_lock_for_write($name) : cache_lock_for_read($name);
    cache_lock_release($name);
    return $token;
};
for ($i = 0; $i < 20; $i++) {
    $tokens = [];
    $child = lockChild(fn() => $take('x', $i % 2 === 0), fn() => $take('y', $i % 3 === 0));
    array_push($tokens, (int) $child->hear(), $take('x', false), (int) $child->ask(), $take('z', true));
    $child->end();
    foreach ($tokens as $token) {
        $token > $last || print "$token after $last\n";
        $last = $token;
    }
}
var_dump(is_int($token));
?>
--EXPECT--
bool(true)
