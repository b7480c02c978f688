--TEST--
A rebuild that was put off is not begun when its lease was lost meanwhile; else it has its whole time
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
cache.segment=test-compute-after-response-lost${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$gate = new Gate;
$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')], 1);
$events = [
    'nothing' => fn($key) => true,
    'taken over' => function ($key) { cache_fetch_stale($key, $state, $lease, 3600); return $lease > 0; },
    'stored' => fn($key) => cache_store($key, 'newer'),
    'deleted' => fn($key) => cache_delete($key),
    'marked' => fn($key) => cache_mark_stale($key),
    'touched' => fn($key) => cache_cas_touch($key, cache_stamp($key)),
];
foreach ($events as $key => $event) {
    cache_store($key, 'old', 0, 60);
    cache_mark_stale($key);
    $socket = $fpm->send($gate->code() . 'echo cache_compute(' . var_export($key, true) . ', function ($key) {
        stop("making");
        return "new";
    }, lease_ttl: 0.001); usleep(2000); stop("page");');
    echo "$key: ", $gate->hear(), ' ', json_encode($event($key));
    $gate->open();
    echo ' ', $fpm->receive($socket);
    fclose($socket);
    if (in_array($key, ['nothing', 'touched'], true)) {
        /* The lease was prolonged by a millisecond only, but it is still good. */
        echo ' ', $gate->hear();
        $gate->open();
    }
    $fpm->run('');
    echo ' ', json_encode(cache_fetch_stale($key)), "\n";
}
?>
--EXPECT--
nothing: page true old making "new"
taken over: page true old "old"
stored: page true old "newer"
deleted: page true old false
marked: page true old "old"
touched: page true old making "new"
