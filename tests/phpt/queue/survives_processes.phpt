--TEST--
Jobs outlive the processes that pushed them, and a time without any
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-survives-processes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$ini = ['cache.segment' => ini_get('cache.segment') . '-2', 'cache.queue_max_attempts' => '1'];
echo runPhp('cache_queue_push("q", "first", ["payload", 1]); cache_queue_push("q", str_repeat("k", 500), str_repeat("p", 5000), 0, -1); cache_queue_push("q", "urgent", null, 0, 5);
    cache_queue_push("q", "delayed", "later", 3600); cache_queue_push("q", "soon", "later", 0.05, -2); cache_queue_push("r", "dead", "letter"); $job = cache_queue_pop("r"); cache_queue_fail($job["id"], $job["token"], "why");
    cache_queue_push("s", "runs"); cache_queue_pop("s", 0, 3600);', $ini);
echo runPhp('var_dump(cache_queue_push("q", "first"), cache_queue_push("q", "delayed", "x", 3600));', $ini);
echo runPhp('for ($n = 0; $n < 4; $n++) { $job = cache_queue_pop("q", 30); echo substr($job["key"], 0, 6), " ", strlen(serialize($job["payload"])), " ", $job["attempt"], "\n"; cache_queue_ack($job["id"], $job["token"]); }
    echo json_encode(cache_queue_pop("q")), cache_queue_info("q")["delayed"], " ", cache_queue_info("q")["pushed"], " ", cache_queue_dead("r")[0]["payload"], " ", cache_queue_dead("r")[0]["error"], "\n";
    echo cache_queue_dead("s")[0]["error"] ?? "none", "\n"; unlink(cache_info(true)["segment"]["path"]);', $ini);
?>
--EXPECT--
int(0)
int(0)
urgent 2 1
first 32 1
kkkkkk 5010 1
soon 12 1
null1 5 letter why
the worker died
