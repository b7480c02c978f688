--TEST--
Where a response cannot be finished it is sent before a rebuild, whose output goes nowhere
--EXTENSIONS--
cache
--SKIPIF--
<?php
if (!is_executable(dirname(PHP_BINARY) . '/php-cgi' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION)) {
    die('skip needs a php-cgi of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-compute-after-response-cgi${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../gate.inc';

PHP_SAPI === 'cli' || exit;
$gate = new Gate;
cache_store('key', 'old', 0, 60);
cache_mark_stale('key');
$number = getmypid();
file_put_contents($script = tempnam(sys_get_temp_dir(), 'cache-cgi'), "<?php \$number = $number; " . $gate->code() . <<<'PHP'
    register_shutdown_function(function () { echo "before\n"; });
    header('X-Page: 1');
    session_save_path(sys_get_temp_dir());
    session_id("cacheTest$number");
    session_start(['use_cookies' => '0', 'cache_limiter' => '']);
    ob_start();
    echo cache_compute('key', function () {
        echo 'output';
        flush();
        stop(session_status() === PHP_SESSION_NONE ? 'making' : 'the session is open');
        echo 'output';
        return 'new';
    }), "\n";
    register_shutdown_function(function () { echo "after\n"; });
    PHP);
$command = escapeshellarg(dirname(PHP_BINARY) . '/php-cgi' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION)
    . ' -n -d extension_dir=' . escapeshellarg(ini_get('extension_dir')) . ' -d extension=cache -d cache.segment='
    . escapeshellarg(ini_get('cache.segment')) . ' ' . escapeshellarg($script);
/* With the environment of run-tests.php, which has SCRIPT_FILENAME, it would run this test. */
$process = proc_open("exec $command", [1 => ['pipe', 'w']], $pipes, null, ['TMPDIR' => sys_get_temp_dir()]);
do {
    $line = fgets($pipes[1]);
    echo preg_match('/^X-Page|^[a-z]/', $line) ? str_replace("\r", '', $line) : '';
} while ($line !== "after\n" && $line !== false);
echo $gate->hear(), "\n";
$gate->open();
var_dump(stream_get_contents($pipes[1]), proc_close($process), cache_fetch('key'));
unlink($script);
unlink(sys_get_temp_dir() . "/sess_cacheTest$number");
?>
--EXPECT--
X-Page: 1
old
before
after
making
string(0) ""
int(0)
string(3) "new"
