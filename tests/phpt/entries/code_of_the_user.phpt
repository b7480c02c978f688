--TEST--
Code that runs while entries are decoded may use the cache and the list of keys
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-code-of-the-user${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Meddling
{
    public function __construct(public string $name) {}
    public function __serialize(): array { return [$this->name]; }
    public function __unserialize(array $data): void
    {
        global $keys, $last;
        [$this->name] = $data;
        cache_delete($this->name);
        cache_store('late', cache_fetch_entries(['text'])['text']['value']);
        $last = 'late';
        $keys = [];
    }
}
cache_store(['first' => new Meddling('second'), 'second' => 2, 'text' => str_repeat('text', 5)]);
$last = 'text';
$keys = ['first', 'second', &$last];
$entries = cache_fetch_entries($keys);
var_dump(array_keys($entries), $entries['first']['value'], $entries['late']['value'], $keys);
final class Throwing
{
    public function __construct(public int $number) {}
    public function __wakeup(): void { throw new Exception("number $this->number"); }
}
cache_store(['a' => [1], 'b' => new Throwing(1), 'c' => new Throwing(2)]);
attempt(fn() => cache_fetch_entries(['a', 'b', 'c']));
var_dump(cache_info(true)['memory']['pinned'] < 10000, count(cache_fetch_entries(['a', 'text'])));
?>
--EXPECT--
array(2) {
  [0]=>
  string(5) "first"
  [1]=>
  string(4) "late"
}
object(Meddling)#2 (1) {
  ["name"]=>
  string(6) "second"
}
string(20) "texttexttexttexttext"
array(0) {
}
Exception: number 1
bool(true)
int(2)
