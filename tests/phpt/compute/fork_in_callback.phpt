--TEST--
A child that a callback forks does not end its lease, and may come first
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-fork-in-callback${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$child = null;
var_dump(cache_compute('key', function (string $key) use (&$child) {
    $child = new Relative(function (Line $line) use ($key) {
        $line->say((string) cache_lease($key));
        exit(0);
    });
    echo $child->hear(), $child->wait(), "\n";
    $child = new Relative(function (Line $line) {
        $line->say(cache_compute('of the child', fn() => 'value'));
    });
    echo $child->hear(), $child->wait(), "\n";
    return 'from the parent';
}), cache_fetch('key'), cache_fetch('of the child'));
/* Both return from the callback: one of them commits. */
[$parent, $end] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$pid = null;
$value = cache_compute('both', function () use (&$pid) {
    $pid = pcntl_fork();
    return $pid ? 'parent' : 'child';
});
if ($pid === 0) {
    fwrite($end, "$value\n");
    exit;
}
pcntl_waitpid($pid, $status);
var_dump($value, trim(fgets($parent)), in_array(cache_fetch('both'), ['parent', 'child'], true), cache_lease('both') > 0);
?>
--EXPECT--
0
value
string(15) "from the parent"
string(15) "from the parent"
string(5) "value"
string(6) "parent"
string(5) "child"
bool(true)
bool(true)
