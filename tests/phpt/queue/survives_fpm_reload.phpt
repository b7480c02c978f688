--TEST--
Jobs outlive a reload of FPM
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
cache.segment=test-queue-survives-fpm-reload${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/queue.inc';

/* This process is not attached: nobody is but FPM. */
$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')]);
$fpm->run('cache_queue_push("q", "k", ["payload"]); cache_queue_push("q", "delayed", 5, 3600); cache_queue_push("q", "second"); cache_queue_pop(["none", "q"], 0, 3600);');
$worker = (int) $fpm->run('echo getmypid();');
preg_match('/^PPid:\s+(\d+)$/m', file_get_contents("/proc/$worker/status"), $master);
shell_exec("kill -USR2 $master[1]");
$fpm->logs('reloading') || print("no reload\n");
await(fn() => substr_count($fpm->log(), 'ready to handle connections') === 2);
echo $fpm->run('while ($job = cache_queue_pop("q")) { echo $job["key"], " ", json_encode($job["payload"]), " ", $job["attempt"], "\n"; cache_queue_ack($job["id"], $job["token"]); } echo cache_queue_info("q")["delayed"], "\n";');
unset($fpm);
echo drain('q'), cache_queue_purge('q'), "\n";
unlink(cache_info(true)['segment']['path']);
?>
--EXPECT--
k ["payload"] 2
second null 1
1
1
