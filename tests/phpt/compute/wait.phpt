--TEST--
Who has waited long enough makes the value without storing it
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-wait${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$child = new Relative(function (Line $line) {
    $line->say('value: ' . cache_compute('key', function () use ($line) {
        $line->say('making');
        $line->wait();
        return 'first';
    }));
});
echo $child->hear(), "\n";
foreach ([0, 0.02, 0.12] as $wait) {
    $start = hrtime(true);
    echo cache_compute('key', fn($key, $old) => 'own' . json_encode($old), wait: $wait), ' ', json_encode(cache_exists('key'));
    echo hrtime(true) - $start >= $wait * 1e9 ? "\n" : " too early\n";
}
var_dump(cache_compute('key', fn() => CACHE_KEEP, wait: 0));
attempt(fn() => cache_compute('key', fn() => throw new Exception('own'), wait: 0));
echo $child->ask(), $child->wait(), "\n";
echo cache_compute('key', fn() => 'not called', wait: 0), "\n";
?>
--EXPECT--
making
ownnull false
ownnull false
ownnull false
NULL
Exception: own
value: first
first
