--TEST--
Who waits goes on when the winner throws, is killed, or gives up
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-winner-gone${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$ends = [
    'throws' => fn() => throw new Exception('no'),
    'exits' => fn() => exit(0),
    'keeps' => fn() => CACHE_KEEP,
    'dies' => fn() => shell_exec('kill -KILL ' . getmypid()),
    'fails' => fn() => trigger_error('end', E_USER_ERROR),
    'returns a closure' => fn() => fn() => 1,
];
ini_set('display_errors', '0');
foreach ($ends as $name => $end) {
    $winner = new Relative(function (Line $line) use ($name, $end) {
        cache_compute("it $name", function () use ($line, $end) {
            $line->say('making');
            $line->wait();
            return $end();
        }, lease_ttl: 3600);
    });
    $winner->hear();
    $waiter = new Relative(function (Line $line) use ($name) {
        $line->say('waits');
        $line->say(cache_compute("it $name", fn() => 'of the next', wait: 3600));
    });
    echo "$name: ", $waiter->hear(), ', ';
    $winner->let();
    $winner->wait();
    echo $waiter->hear(), $waiter->wait(), ', ', cache_fetch("it $name"), "\n";
}
?>
--EXPECT--
throws: waits, of the next, of the next
exits: waits, of the next, of the next
keeps: waits, of the next, of the next
dies: waits, of the next, of the next
fails: waits, of the next, of the next
returns a closure: waits, of the next, of the next
