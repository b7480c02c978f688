--TEST--
The leases of a request end with it, however it ends
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
cache.segment=test-lease-ends-with-request${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'display_errors' => '0', 'memory_limit' => '8M'], 1);
cache_store('stale', 1, 0, 3600);
cache_mark_stale('stale');
$ends = [
    '', 'exit;', 'exit(1);', 'throw new Exception("end");', 'undefined();', 'trigger_error("end", E_USER_ERROR);', 'str_repeat("x", 1 << 30);',
    'fastcgi_finish_request(); exit;', 'register_shutdown_function(function () { cache_lease("later"); undefined(); });',
    /* Some of them were given back before: which ones must not matter. */
    'foreach (range(0, 59) as $i) { $i % 2 && cache_lease_release("key $i", $leases[$i]); }',
    'foreach (range(59, 0) as $i) { $i % 3 && cache_commit("key $i", $leases[$i], 1); }',
];
/* So few that no set of eight slots is full: with 200 that happens once in some hundred segments. */
foreach ($ends as $number => $end) {
    $worker = $fpm->run('for ($i = 0; $i < 60; $i++) { $leases[$i] = cache_lease("key $i", 3600); }
        cache_fetch_stale("stale", $state, $leases[], 3600); cache_lease("later", 3600); echo getmypid(), " ", count(array_filter($leases)); ' . $end);
    [$pid, $count] = explode(' ', $worker);
    $count === '61' || print("only $count leases\n");
    $left = $fpm->run('for ($i = 0; $i < 60; $i++) { $leases[$i] = cache_lease("key $i", 3600); }
        cache_fetch_stale("stale", $state, $leases["stale"], 3600); $leases["later"] = cache_lease("later");
        echo getmypid(), ": ", implode(",", array_keys(array_filter($leases, fn($lease) => $lease <= 0)));');
    if ($left !== "$pid: ") {
        echo "$end\n$worker\n$left\n";
    }
}
echo "done\n";
?>
--EXPECT--
done
