--TEST--
cache.queue_size of the living segment wins over another one; a segment that nobody uses is made anew
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-size-differs${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'payload');
$code = 'echo json_encode([cache_queue_pop("q")["payload"], cache_queue_push("q", "k1"), cache_queue_push("q", "k2"), cache_queue_push("q", "k3")]), "\n";';
$output = runPhp($code, ['cache.queue_size' => '2', 'log_errors' => '1', 'error_log' => '']);
var_dump(substr_count($output, 'cache: '), str_contains($output, 'and 4096 jobs, which stays in force'));
echo substr($output, strpos($output, '["payload"'));
$other = ['cache.segment' => ini_get('cache.segment') . '-2'];
echo runPhp('cache_store("value", 1); echo json_encode([cache_queue_push("q", "k"), cache_queue_push("q", "l")]), "\n";', $other);
echo runPhp('echo json_encode([cache_queue_info("q")["waiting"], cache_fetch("value")]), "\n";', $other);
echo runPhp('echo json_encode([cache_queue_push("q", "m"), cache_queue_push("q", "n"), cache_fetch("value")]), "\n";', $other + ['cache.queue_size' => '1']);
echo runPhp('echo json_encode([cache_queue_info("q")["waiting"], cache_queue_pop("q")["key"]]), "\n"; unlink(cache_info(true)["segment"]["path"]);', $other + ['cache.queue_size' => '1']);
?>
--EXPECT--
int(1)
bool(true)
["payload",1,1,1]
[1,1]
[2,1]
[1,-1,false]
[1,"m"]
