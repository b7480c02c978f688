--TEST--
Shutdown functions of the page still write to the client before a rebuild, and the session is closed
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
cache.segment=test-compute-after-response-order${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$gate = new Gate;
$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'session.use_cookies' => '0', 'session.save_path' => sys_get_temp_dir()], 1);
$id = 'cacheTest' . getmypid();
cache_store('key', 'old', 0, 60);
cache_mark_stale('key');
$output = $fpm->run($gate->code() . "\$id = '$id';" . <<<'PHP'
    session_id($id);
    session_start();
    $_SESSION['visited'] = true;
    register_shutdown_function(function () { echo "before\n"; });
    echo cache_compute('key', function () {
        stop(session_status() === PHP_SESSION_NONE ? 'closed' : 'open');
        return 'new';
    }), "\n";
    register_shutdown_function(function () {
        echo "after\n";
        register_shutdown_function(function () { echo "later\n"; });
    });
    PHP);
echo $output, $gate->hear(), "\n";
$gate->open();
echo $fpm->run('echo cache_fetch("key"), "\n";');
unlink(sys_get_temp_dir() . "/sess_$id");
?>
--EXPECT--
old
before
after
later
closed
new
