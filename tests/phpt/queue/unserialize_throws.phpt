--TEST--
A job whose __unserialize() throws is failed with the exception, and comes again
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-unserialize-throws${CACHE_TEST_RUN}
cache.queue_max_attempts=2
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

class Thrower
{
    public static bool $throws = true;
    public function __serialize(): array { return []; }
    public function __unserialize(array $data): void { self::$throws && throw new DomainException('thrown'); }
}
cache_queue_push('q', 'bad', new Thrower);
cache_queue_push('q', 'good', 'payload');
attempt(fn() => cache_queue_pop('q'));
echo info('q', 'waiting', 'delayed', 'running', 'failed'), "\n", told(cache_queue_pop('q')), "\n", told(cache_queue_pop('q')), "\n";
/* After its backoff. */
attempt(fn() => cache_queue_pop('q', 30));
echo info('q', 'waiting', 'delayed', 'dead', 'failed'), "\n";
Thrower::$throws = false;
$letter = cache_queue_dead('q')[0];
var_dump($letter['key'], $letter['attempt'], $letter['error'], $letter['payload']);
cache_queue_revive('q');
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
DomainException: thrown
{"waiting":1,"delayed":1,"running":0,"failed":1}
q/good, run 1: "payload"
none
DomainException: thrown
{"waiting":0,"delayed":0,"dead":1,"failed":2}
string(3) "bad"
int(2)
string(34) "the payload cannot be decoded here"
object(Thrower)#3 (0) {
}
q/bad, run 1: {}
