--TEST--
A session handler computes values while the modules shut down
--EXTENSIONS--
cache
--SKIPIF--
<?php
require __DIR__ . '/../fpm.inc';
if (!fpmBinary()) {
    die('skip needs a php-fpm of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-compute-in-session-handler${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'session.use_cookies' => '0', 'display_errors' => '0'], 1);
$handler = <<<'PHP'
    class Handler implements SessionHandlerInterface
    {
        public function open(string $path, string $name): bool { return true; }
        public function close(): bool { return true; }
        public function read(string $id): string { return ''; }
        public function write(string $id, string $data): bool
        {
            cache_compute('stale', function () { END; return 'new'; });
            cache_compute('missing', function () { return cache_compute('nested', fn() => 'inner') . 'outer'; });
            return true;
        }
        public function destroy(string $id): bool { return true; }
        public function gc(int $lifetime): int|false { return 0; }
    }
    /* false: no shutdown function, so that the write comes later. */
    session_set_save_handler(new Handler, false);
    session_start();
    $_SESSION['text'] = 'text';
    echo getmypid();
    PHP;
foreach (['', 'exit', 'throw new Exception', 'trigger_error("end", E_USER_ERROR)', 'str_repeat("x", 10000000000)'] as $end) {
    cache_clear();
    cache_store('stale', 'old', 0, 60);
    cache_mark_stale('stale');
    $worker = $fpm->run(str_replace('END', $end, $handler));
    echo $fpm->run('echo getmypid();') === $worker ? "$end: " : "the worker died at $end: ";
    /* The callback never came back, which must not be known to the next request. */
    echo $fpm->run('echo json_encode(cache_fetch("missing")), json_encode(cache_fetch("stale")), cache_compute("stale", fn() => "newer");');
    echo ' ', $fpm->run('echo cache_compute("stale", fn() => "newest");'), "\n";
}
?>
--EXPECT--
: "innerouter""new"new new
exit: falsefalseold newer
throw new Exception: "innerouter"falseold newer
trigger_error("end", E_USER_ERROR): falsefalseold newer
str_repeat("x", 10000000000): falsefalseold newer
