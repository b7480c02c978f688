--TEST--
cache_merge() replaces an object whose class is gone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-class-is-gone${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

echo runPhp('class Gone { public $a = 1; } cache_store("key", new Gone, 60, 60);');
set_error_handler(fn() => true);
var_dump(cache_merge('key', function (mixed $value, bool $found): string {
    var_dump($value, $found);
    return 'new';
}), cache_fetch('key'));
final class Throwing
{
    public function __serialize(): array { return []; }
    public function __unserialize(array $data): void { throw new Exception('not to be had'); }
}
cache_store('throwing', new Throwing);
attempt(fn() => cache_merge('throwing', function () { echo "called\n"; }));
var_dump(cache_exists('throwing'));
?>
--EXPECT--
NULL
bool(false)
bool(true)
string(3) "new"
Exception: not to be had
bool(true)
