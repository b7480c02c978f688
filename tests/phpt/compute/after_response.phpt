--TEST--
In a worker a stale value is answered at once and rebuilt after the response was sent
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
cache.segment=test-compute-after-response${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$gate = new Gate;
$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')], 1);
cache_store('key', 'old', 0, 60);
cache_mark_stale('key');
$output = $fpm->run($gate->code() . <<<'PHP'
    echo cache_compute('key', function (string $key, mixed $old) {
        stop("rebuilding $key, which was $old");
        return 'new';
    }, ttl: 60, tags: ['tag']);
    PHP);
/* The rebuild cannot end before the gate opens. */
var_dump($output, $gate->hear());
var_dump(cache_fetch_stale('key', $state, $lease, 5), $lease, cache_fetch('key'));
$gate->open();
echo $fpm->run('echo cache_fetch("key"), "\n";');
echo json_encode(array_intersect_key(cache_key_info('key'), ['ttl' => 1, 'tags' => 1, 'lease' => 1])), "\n";
?>
--EXPECT--
string(3) "old"
string(29) "rebuilding key, which was old"
string(3) "old"
int(-1)
bool(false)
new
{"ttl":60,"tags":["tag"],"lease":null}
