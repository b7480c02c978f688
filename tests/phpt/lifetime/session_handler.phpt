--TEST--
Fetched values are right in a session handler that writes while the modules shut down
--EXTENSIONS--
cache
--SKIPIF--
<?php
if (!extension_loaded('session')) {
    die('skip needs session');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-session-handler${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Handler implements SessionHandlerInterface, SessionIdInterface
{
    public function __construct(private array $values) {}
    public function open(string $path, string $name): bool { return true; }
    public function close(): bool
    {
        reuse();
        echo 'close: ', verdict($this->values), "\n";
        return true;
    }
    public function read(string $id): string { return fetched('stored|s:5:"value";'); }
    public function write(string $id, string $data): bool
    {
        reuse();
        echo 'write: ', verdict($this->values), "\n$id\n";
        $expected = ['stored' => 'value', 'map' => originals()['map'], 'name of some length' => 'text of some length'];
        var_dump($data === implode('', array_map(fn($k, $v) => "$k|" . serialize($v), array_keys($expected), $expected)));
        return true;
    }
    public function destroy(string $id): bool { return true; }
    public function gc(int $lifetime): int|false { return 0; }
    public function create_sid(): string { return fetched('anidentifierofsomelength'); }
}

ob_start();
ini_set('session.use_cookies', '0');
session_cache_limiter('');
session_name(fetched('SESSIONNAME'));
/* false: no shutdown function, so that the write comes later. */
session_set_save_handler(new Handler(fetchOriginals()), false);
session_start();
$_SESSION['map'] = fetchOriginals()['map'];
$_SESSION[fetched('name of some length')] = fetched('text of some length');
reuse();
var_dump($_SESSION['stored'], session_name());
?>
--EXPECT--
string(5) "value"
string(11) "SESSIONNAME"
write: right
anidentifierofsomelength
bool(true)
close: right
