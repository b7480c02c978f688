--TEST--
While a callback runs nobody else has to wait, for its key or another
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-no-lock${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$child = new Relative(function (Line $line) {
    cache_compute('key', function () use ($line) {
        $line->say('making');
        $line->wait();
        return 'made';
    });
    $line->say('done');
});
echo $child->hear(), "\n";
/* Stopped it cannot even give way. */
$child->signal('STOP');
$start = hrtime(true);
for ($i = 0; $i < 500; $i++) {
    cache_store("other $i", $i);
    cache_fetch("other $i") === $i || print("wrong\n");
}
cache_fetch('key');
var_dump(cache_store('key', 'stored'), cache_fetch('key'), cache_delete('key'), cache_compute('key', fn() => 'own', wait: 0));
var_dump(hrtime(true) - $start < 5e9);
$child->signal('CONT');
echo $child->ask(), $child->wait(), ' ', cache_fetch('key'), "\n";
?>
--EXPECT--
making
bool(true)
string(6) "stored"
bool(true)
string(3) "own"
bool(true)
done own
