<?php

declare(strict_types=1);

/*
 * What an application does with the cache, while system calls fail: each answer is right or a clean miss. Ends with the
 * word "fine", or with what was wrong. With the argument "strict" nothing fails, and nothing may be missing.
 */

$strict = ($argv[1] ?? '') === 'strict';

function check(bool $holds, string $what): void
{
    if (!$holds) {
        echo 'wrong: ', $what, "\n";
        exit(3);
    }
}

/** Right, or missing; or only right. */
function same(string $key, mixed $expected): void
{
    global $strict;
    $value = cache_fetch($key, $found);
    check($found ? $value == $expected : !$strict && $value === false, "$key is " . var_export($value, true));
}

function stores(string $key, mixed $value, mixed ...$more): bool
{
    global $strict;
    $stored = cache_store($key, $value, ...$more);
    check($stored || !$strict, "$key cannot be stored");
    if ($stored) {
        same($key, $value);
    } else {
        gone($key, 'after a store that failed');
    }
    return $stored;
}

function gone(string $key, string $when): void
{
    check(cache_fetch($key, $found) === false && !$found, "$key is there $when");
}

final class Point
{
    public function __construct(public int $x, public array $path)
    {
    }
}

$rows = [];
for ($i = 0; $i < 50; $i++) {
    $rows["row $i"] = ['id' => $i, 'title' => str_repeat("title $i ", 5), 'tags' => ['a', 'b', $i]];
}

$values = ['int' => 7, 'text' => 'some text', 'long' => str_repeat('x', 50000), 'rows' => $rows,
    'point' => new Point(3, [1, 2, 3]), 'null' => null];
foreach ($values as $key => $value) {
    stores($key, $value);
    stores($key, $value);
}
check(cache_delete('text') || !$strict, 'text cannot be deleted');
gone('text', 'after its deletion');

cache_delete('counter');
$reached = 0;
for ($i = 0; $i < 5; $i++) {
    $now = cache_inc('counter', 2, $done);
    $right = $done ? $now === $reached + 2 || ($reached > 0 && $now === 2) : !$strict;
    check($right, 'the counter is ' . var_export($now, true) . " after $reached");
    $reached = $done ? $now : 0;
    if (!$done) {
        cache_delete('counter');
    }
}

stores('tagged', [1, 2], 60, 60, ['tag']);
cache_tag_invalidate('tag', true);
if (cache_enabled()) {
    gone('tagged', 'after the invalidation of its tag');
}

$computed = cache_compute('computed', static fn (): array => ['made', 'here'], 60);
check($computed === ['made', 'here'], 'computed is ' . var_export($computed, true));

$value = cache_fetch_stale('leased', $state, $lease, 30.0);
check($value === false, 'leased is there');
check($lease > 0 || !$strict, 'no lease');
if ($lease > 0) {
    check(cache_commit('leased', $lease, 'rebuilt') || !$strict, 'a commit was refused');
    check(!cache_commit('leased', $lease, 'twice'), 'committed twice');
}
cache_delete('leased');

$token = cache_lock_for_write('lock', 0.05);
check($token !== false || !$strict, 'no lock');
check(cache_lock_release('lock') === ($token !== false), 'the lock is not what it seemed');

$pushed = cache_queue_push('queue', 'job', ['payload' => 1]);
check($pushed === 1 || !$strict, "pushed: $pushed");
$job = cache_queue_pop('queue', 0.02, 30);
$right = $job === null ? !$strict : $job['key'] === 'job' && $job['payload'] == ['payload' => 1];
check($right, 'the job is ' . var_export($job, true));
if ($job) {
    $acked = cache_queue_ack($job['id'], $job['token']);
    check($acked || !$strict, 'not acknowledged');
    check(!($acked && cache_queue_ack($job['id'], $job['token'])), 'acknowledged twice');
}
cache_queue_purge('queue');
check(cache_queue_pop('queue', 0.02) === null, 'a job that nobody pushed');

$held = cache_fetch('rows');
$pid = pcntl_fork();
if ($pid === 0) {
    same('rows', $rows);
    check($held === false || $held == $rows, 'the child reads something else');
    stores('child', range(1, 100));
    cache_delete('long');
    exit(0);
}
pcntl_waitpid($pid, $status);
check(pcntl_wifexited($status) && pcntl_wexitstatus($status) === 0, "the child ended with status $status");
check($held === false || $held == $rows, 'a value has changed that was fetched before');
same('child', range(1, 100));

$walked = 0;
foreach (new Cache\EntryIterator('row') as $key => $entry) {
    $walked++;
}
check($walked === 1 || !$strict, "walked over $walked entries");

$info = cache_info();
check($info['enabled'] || (!$strict && $info['reason'] !== ''), 'disabled without a reason');
if ($strict) {
    cache_clear();
    gone('rows', 'after a clear');
}
echo $info['enabled'] ? "fine\n" : "fine, and disabled\n";
