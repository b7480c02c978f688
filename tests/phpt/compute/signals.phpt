--TEST--
Signal handlers run while cache_compute() and cache_merge() wait
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-signals${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

function holder(string $key): Relative
{
    $holder = new Relative(function (Line $line) use ($key) {
        $lease = cache_lease($key, 3600);
        $line->say($lease > 0 ? 'holds' : 'none');
        $line->wait();
        cache_commit($key, $lease, 1);
    });
    $holder->hear() === 'holds' || print("no lease\n");
    return $holder;
}
/* The handler of the first signal lets the waiting go on to its end, that of the second one throws, that of the third exits. */
$holder = holder('key');
$waiter = new Relative(function (Line $line) {
    pcntl_async_signals(true);
    pcntl_signal(SIGALRM, fn() => $line->say('handled'));
    pcntl_signal(SIGUSR1, fn() => throw new Exception('thrown'));
    pcntl_signal(SIGTERM, function () use ($line) { $line->say('exits'); exit(0); });
    try {
        $line->say('waits');
        $line->say(json_encode(cache_compute('key', fn() => 'not called', wait: 3600)));
    } catch (Exception $exception) {
        $line->say($exception->getMessage());
    }
    cache_compute('key', fn() => 'not called', wait: 3600);
});
echo $waiter->hear(), "\n";
$waiter->signal('ALRM');
echo $waiter->hear(), "\n";
$waiter->signal('ALRM');
echo $waiter->hear(), "\n";
$waiter->signal('USR1');
echo $waiter->hear(), "\n";
$waiter->signal('TERM');
echo $waiter->hear(), $waiter->wait(), "\n";
$holder->let();
echo $holder->wait(), json_encode(cache_fetch('key')), "\n";
echo "merge\n";
$holder = holder('merged');
$waiter = new Relative(function (Line $line) {
    pcntl_async_signals(true);
    pcntl_signal(SIGUSR1, fn() => throw new Exception('thrown'));
    try {
        $tries = 0;
        cache_merge('merged', function () use (&$tries, $line) {
            /* Somebody always comes in between. */
            cache_store('merged', ++$tries);
            if ($tries === 4) {
                $line->say('waits soon');
                $line->wait();
            }
            return 'merged';
        }, wait: 3600);
    } catch (Exception $exception) {
        $line->say($exception->getMessage());
    }
});
echo $waiter->hear(), "\n";
/* The store voided the first one's lease. */
$holder->let();
$holder->wait();
$holder = holder('merged');
$waiter->let();
usleep(20_000);
$waiter->signal('USR1');
echo $waiter->hear(), $waiter->wait(), "\n";
$holder->kill();
?>
--EXPECT--
waits
handled
handled
thrown
exits
1
merge
waits soon
thrown
