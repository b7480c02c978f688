--TEST--
A lease ends with the process that has it, not with a child of it
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-lease-ends-with-process${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$ends = [
    'nothing' => fn() => 0, 'exit' => fn() => exit(0), 'exception' => fn() => throw new Exception('end'),
    'fatal error' => fn() => trigger_error('end', E_USER_ERROR),
];
ini_set('display_errors', '0');
foreach ($ends as $name => $end) {
    $child = new Relative(function (Line $line) use ($end) {
        $line->say((string) cache_lease('key', 3600));
        $end();
    });
    var_dump((int) $child->hear() > 0);
    $child->wait();
    /* It gave it back itself: nobody has to find out that it is dead. */
    $lease = cache_lease('key');
    var_dump($lease > 0, cache_lease_release('key', $lease));
}
echo "a child of the one who has it\n";
$lease = cache_lease('key', 3600);
$child = new Relative(function (Line $line) {
    $own = cache_lease('own', 3600);
    $line->say($own > 0 ? 'own lease' : 'none');
});
echo $child->hear(), "\n", $child->wait();
var_dump(cache_lease('key'), cache_lease('own') > 0, cache_lease_extend('key', $lease, 60));
$child = new Relative(function (Line $line) use ($lease) {
    $line->say(cache_commit('key', $lease, 'from the child') ? 'committed' : 'refused');
});
echo $child->hear(), "\n", $child->wait();
var_dump(cache_fetch('key'), cache_commit('key', $lease, 'again'));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
a child of the one who has it
own lease
int(0)
bool(true)
bool(true)
committed
string(14) "from the child"
bool(false)
