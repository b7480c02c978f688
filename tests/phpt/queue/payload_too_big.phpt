--TEST--
A payload of more than 65535 bytes when serialized is refused
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-payload-too-big${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

attempt(fn() => cache_queue_push('q', 'k', str_repeat('x', 65536)));
attempt(fn() => cache_queue_push('q', 'k', str_repeat('x', 10 << 20)));
attempt(fn() => cache_queue_push('q', 'k', [str_repeat('x', 65535)]));
attempt(fn() => cache_queue_push('q', 'k', (object) ['text' => str_repeat('x', 65535)]));
var_dump(cache_queue_pop('q'));
echo info('q', 'pushed', 'merged', 'full'), "\n";
/* a:1:{i:0;s:65515:"...";} */
$biggest = [str_repeat('x', 65535 - strlen(serialize([str_repeat('x', 65000)])) + 65000)];
attempt(fn() => cache_queue_push('q', 'k', $biggest));
var_dump(cache_queue_pop('q')['payload'] === $biggest);
?>
--EXPECT--
ValueError: cache_queue_push(): Argument #3 ($payload) must have at most 65535 bytes when it is serialized, it has 65536
ValueError: cache_queue_push(): Argument #3 ($payload) must have at most 65535 bytes when it is serialized, it has 10485760
ValueError: cache_queue_push(): Argument #3 ($payload) must have at most 65535 bytes when it is serialized, it has 65556
ValueError: cache_queue_push(): Argument #3 ($payload) must have at most 65535 bytes when it is serialized, it has 65576
NULL
{"pushed":0,"merged":0,"full":0}
int(1)
bool(true)
