--TEST--
cache_merge() waits while another process merges in its turn; not for itself, and not for one that has died
--EXTENSIONS--
cache
--SKIPIF--
<?php if (!function_exists('pcntl_fork')) die('skip needs pcntl'); ?>
--INI--
cache.enable_cli=1
cache.segment=test-merge-turn${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function awaitKey(string $key): void
{
    for ($end = hrtime(true) + 6e10; !cache_exists($key) && hrtime(true) < $end; ) {
        usleep(1000);
    }
}

/** A process that has the turn of 'key': its four first tries are lost. It does the rest in the fifth. */
function inTurn(callable $rest): int
{
    $pid = pcntl_fork();
    if ($pid === 0) {
        $tries = 0;
        $done = cache_merge('key', function (mixed $value) use (&$tries, $rest): mixed {
            return ++$tries <= 4 ? (cache_store('key', "lost $tries") ? 'never' : null) : $rest($value);
        }, wait: 60);
        cache_store('first', [$done, $tries]);
        exit(0);
    }
    awaitKey('in turn');
    return $pid;
}

// It stays in its callback until nobody can have overtaken it without having waited.
$pid = inTurn(function (mixed $value): string {
    cache_store('in turn', true);
    awaitKey('asked');
    usleep(300_000);
    return cache_exists('called') ? 'overtaken' : "$value, first";
});
cache_store('asked', true);
var_dump(cache_merge('key', function (string $value): string {
    cache_store('called', true);
    return "$value, second";
}, wait: 60), cache_fetch('key'));
pcntl_waitpid($pid, $status);
echo json_encode(cache_fetch('first')), "\n";

// Whose time is over has one try all the same, and the other one has one more.
cache_delete(['in turn', 'asked', 'called']);
$pid = inTurn(function (mixed $value): string {
    cache_store('in turn', true);
    awaitKey('asked');
    return "$value, first";
});
$begin = hrtime(true);
var_dump(cache_merge('key', fn (mixed $value): string => "$value, now", wait: 0), cache_merge('key', fn (): string => 'later', wait: 0.1));
var_dump((hrtime(true) - $begin) / 1e9 >= 0.1, cache_fetch('key'));
cache_store('asked', true);
pcntl_waitpid($pid, $status);
var_dump(cache_fetch('key'));

echo "it dies\n";
cache_delete(['in turn', 'asked']);
$pid = inTurn(function (): never {
    cache_store('in turn', true);
    sleep(60);
    exit;
});
exec("kill -9 $pid");
pcntl_waitpid($pid, $status);
$begin = hrtime(true);
var_dump(cache_merge('key', fn (): string => 'after its death', wait: 30), cache_fetch('key'), (hrtime(true) - $begin) / 1e9 < 20);

echo "its own\n";
$tries = 0;
var_dump(cache_merge('key', function (mixed $value) use (&$tries): string {
    if (++$tries <= 4) {
        cache_store('key', $tries);
    } elseif ($tries === 5) {
        $begin = hrtime(true);
        var_dump(cache_merge('key', fn (): string => 'inner', wait: 30), (hrtime(true) - $begin) / 1e9 < 20);
    }
    return "$value and outer";
}, wait: 60), $tries, cache_fetch('key'));
?>
--EXPECT--
bool(true)
string(21) "lost 4, first, second"
[true,5]
bool(true)
bool(true)
bool(true)
string(5) "later"
string(12) "later, first"
it dies
bool(true)
string(15) "after its death"
bool(true)
its own
bool(true)
bool(true)
bool(true)
int(6)
string(15) "inner and outer"
