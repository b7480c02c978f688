--TEST--
__serialize() may itself use the queue
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-serialize-pushes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

class Pushes
{
    public function __serialize(): array
    {
        return ['pushed' => cache_queue_push('q', 'k', 'by __serialize'), 'other' => cache_queue_push('q', 'other', [new ArrayObject]), 'taken' => told(cache_queue_pop('q'))];
    }
    public array $data;
    public function __unserialize(array $data): void
    {
        $this->data = $data + ['popped' => told(cache_queue_pop('q'))];
    }
}
/* Its own job runs by now. */
var_dump(cache_queue_push('q', 'k', new Pushes));
cache_queue_push('second', 'k', new Pushes);
echo info('q', 'waiting', 'running'), "\n", told(cache_queue_pop('second')), "\n", info('q', 'waiting', 'running'), "\n";
?>
--EXPECT--
int(2)
{"waiting":0,"running":2}
second/k, run 1: {"data":{"pushed":2,"other":0,"taken":"q\/other, run 1: [{}]","popped":"none"}}
{"waiting":0,"running":2}
