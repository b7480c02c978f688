--TEST--
Payloads are serialized by cache.serializer, from the first one of a process on
--EXTENSIONS--
cache
igbinary
--INI--
cache.enable_cli=1
cache.segment=test-queue-igbinary${CACHE_TEST_RUN}
cache.serializer=igbinary
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$payload = ['list' => [1, 2.5, null, 'text'], 'object' => new ArrayObject([1]), 'date' => new DateTimeImmutable('2024-01-01 UTC')];
cache_queue_push('q', 'k', $payload);
var_dump(cache_queue_pop('q')['payload'] == $payload);
/* PHP's own serializer needs more bytes than there may be. */
$long = 'range(0, 7999)';
echo runPhp("var_dump(cache_queue_push('first', 'k', $long));");
var_dump(cache_queue_pop('first')['payload'] === range(0, 7999));
echo runPhp("try { cache_queue_push('first', 'k', $long); } catch (ValueError) { echo \"too big\\n\"; }", ['cache.serializer' => 'php']);
/* Who pops may be set up in another way. */
cache_queue_push('q', 'other', [5]);
echo runPhp('var_dump(cache_queue_pop("q")["payload"] === [5]);', ['cache.serializer' => 'php']);
?>
--EXPECT--
bool(true)
int(1)
bool(true)
too big
bool(true)
