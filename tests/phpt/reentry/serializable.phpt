--TEST--
Back references of an outer unserialize() and of a fetch inside of it do not mix
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-serializable${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

#[AllowDynamicProperties]
class Outer
{
    public $shared;
    public function __serialize(): array { return [$this->shared, $this->shared]; }
    public function __unserialize(array $data): void
    {
        $fetched = cache_fetch('inner');
        $this->ok = $data[0] === $data[1] && $fetched['a'] === $fetched['b'] && $fetched['a']->n === 2;
    }
}
class Nested
{
    public $o;
    public function __sleep()
    {
        $o = new stdClass;
        $o->n = 2;
        cache_store('inner', ['a' => $o, 'b' => $o]);
        return ['o'];
    }
}
$nested = new Nested;
$nested->o = new stdClass;
$copy = unserialize(serialize([$nested->o, $nested, $nested->o]));
var_dump($copy[0] === $copy[2], $copy[1]->o === $copy[0]);
$outer = new Outer;
$outer->shared = new stdClass;
$copy = unserialize(serialize([$outer, $outer->shared]));
var_dump($copy[0]->ok);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
