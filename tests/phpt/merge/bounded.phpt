--TEST--
cache_merge() loses at most four tries, and one to each other process that merges, however fast the others are
--EXTENSIONS--
cache
--SKIPIF--
<?php if (!function_exists('pcntl_fork')) die('skip needs pcntl'); ?>
--INI--
cache.enable_cli=1
cache.segment=test-merge-bounded${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

const OTHERS = 3;
cache_store('key', ['fast' => 0, 'slow' => 0]);
$others = [];
for ($i = 0; $i < OTHERS; $i++) {
    $others[] = $pid = pcntl_fork();
    if ($pid === 0) {
        for ($fast = 0; !cache_exists('end'); $fast++) {
            if (!cache_merge('key', fn (array $value): array => ['fast' => $value['fast'] + 1] + $value, wait: 60)) {
                echo "a fast one gave up\n";
                exit(1);
            }
        }
        cache_inc('fast', $fast);
        exit(0);
    }
}
while (cache_fetch('key')['fast'] < 100) {
    usleep(1000);
}
// Each callback takes as long as many of the others' merges.
$most = 0;
for ($slow = 0; $slow < 20; $slow++) {
    $tries = 0;
    $done = cache_merge('key', function (array $value) use (&$tries): array {
        $tries++;
        usleep(3000);
        return ['slow' => $value['slow'] + 1] + $value;
    }, wait: 60);
    $most = max($most, $tries);
    if (!$done) {
        echo "the slow one gave up\n";
    }
}
cache_store('end', true);
foreach ($others as $pid) {
    pcntl_waitpid($pid, $status);
}
$value = cache_fetch('key');
var_dump($most > 1, $most <= 4 + OTHERS + 1 ? true : $most, $value['slow'], $value['fast'] === cache_fetch('fast'));
?>
--EXPECT--
bool(true)
bool(true)
int(20)
bool(true)
