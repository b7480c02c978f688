--TEST--
An exception from decoding leaves $token alone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-decoding-throws${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Throwing
{
    public function __construct(public int $number) {}
    public function __serialize(): array { return [$this->number]; }
    public function __unserialize(array $data): void { throw new Exception("number $data[0]"); }
}
cache_store(['a' => 1, 'b' => new Throwing(1), 'c' => new Throwing(2)]);
$token = 'untouched';
attempt(function () use (&$token) { return cache_gets('b', $token); });
attempt(function () use (&$token) { return cache_gets(['a', 'b', 'c'], $token); });
var_dump($token, cache_gets('a', $token), $token > 0);
?>
--EXPECT--
Exception: number 1
Exception: number 1
string(9) "untouched"
int(1)
bool(true)
