--TEST--
The end of a request keeps its jobs: the worker lives
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
cache.segment=test-queue-request-ends${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/queue.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'memory_limit' => '16M', 'display_errors' => '0', 'log_errors' => '0'], 1);
$pid = $fpm->run('echo getmypid();');
foreach (['nothing' => '', 'exit' => 'exit;', 'a fatal error' => 'str_repeat("x", 100 << 20);'] as $how => $code) {
    cache_queue_push('q', 'k', $how);
    [$id, $token] = json_decode($fpm->run('$job = cache_queue_pop("q", 0, 3600); echo json_encode([$job["id"], $job["token"]]);' . $code));
    echo told(cache_queue_pop('q')), ' ', info('q', 'running', 'workers'), "\n";
    /* Another request, and another process, may acknowledge it. */
    echo $how === 'exit' ? json_encode(cache_queue_ack($id, $token)) : $fpm->run("echo json_encode(cache_queue_ack($id, $token));"), "\n";
}
var_dump($fpm->run('echo getmypid();') === $pid);
/* The end of the worker gives it back. */
cache_queue_push('q', 'k', 'last');
$fpm->run('cache_queue_pop("q", 0, 3600);');
shell_exec("kill -KILL $pid");
echo told(cache_queue_pop('q', 30)), "\n";
?>
--EXPECT--
none {"running":1,"workers":1}
true
none {"running":1,"workers":1}
true
none {"running":1,"workers":1}
true
bool(true)
q/k, run 2: "last"
