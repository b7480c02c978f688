--TEST--
An entry that is marked as stale and pushed while its job runs is rebuilt once more
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-mark-stale-and-push${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$source = 1;
cache_store('k', $source, 0, 3600);
$change = function () use (&$source): void {
    $source++;
    cache_mark_stale('k');
    echo 'pushed ', cache_queue_push('q', 'k'), "\n";
};
$change();
for ($run = 1; $job = cache_queue_pop('q'); $run++) {
    $lease = cache_lease('k');
    $value = $source;
    $run === 1 && $change();
    echo "run $run commits: ", json_encode(cache_commit('k', $lease, $value, 0, 3600)), ', acknowledges: ', json_encode(cache_queue_ack($job['id'], $job['token'])), "\n";
}
var_dump(cache_fetch('k') === $source, $source, $run - 1);
?>
--EXPECT--
pushed 1
pushed 2
run 1 commits: false, acknowledges: true
run 2 commits: true, acknowledges: true
bool(true)
int(3)
int(2)
