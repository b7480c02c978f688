--TEST--
A forked child shares the segment and is a participant of its own
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-fork${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'parent');
cache_fetch('key');
$children = [];
for ($i = 0; $i < 4; $i++) {
    if (!$children[] = $pid = pcntl_fork()) {
        $ok = cache_fetch('key') === 'parent';
        for ($n = 0; $n < 1000; $n++) {
            cache_inc('counter');
            $ok = $ok && cache_store("child $i", str_repeat("$i", $n)) && cache_fetch("child $i") === str_repeat("$i", $n);
        }
        exit($ok ? 0 : 1);
    }
}
foreach ($children as $pid) {
    pcntl_waitpid($pid, $status);
    var_dump(pcntl_wexitstatus($status));
}
$refused = cache_info(true)['pins_refused'];
var_dump(cache_fetch('counter'), cache_fetch('child 3') === str_repeat('3', 999), cache_fetch('key'));
// One hold of our own, which is refused while much of what they held is not freed yet; and nothing of theirs.
$info = cache_info(true);
var_dump($info['segment']['processes'], $info['memory']['pinned'] + $info['pins_refused'] - $refused);
?>
--EXPECT--
int(0)
int(0)
int(0)
int(0)
int(4000)
bool(true)
string(6) "parent"
int(1)
int(1)
