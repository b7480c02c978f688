--TEST--
__unserialize() may fetch, store, delete and clear
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-wakeup-uses-the-cache${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Busy
{
    public $log = [];
    public function __serialize(): array
    {
        cache_store('from serialize', [1, new ArrayObject([2])]);
        return ['n' => cache_fetch('from serialize')[1][0]];
    }
    public function __unserialize(array $data): void
    {
        $this->log[] = $data['n'];
        $this->log[] = cache_fetch('other');
        cache_store('other', ['changed', new ArrayObject]);
        cache_delete('self');
        $this->log[] = cache_exists('self');
        cache_store('self', str_repeat('x', 100));
        $this->log[] = get_class(cache_fetch('other')[1]);
        cache_clear();
        $this->log[] = cache_info(true)['enabled'];
    }
}
cache_store('other', ['before', new stdClass]);
cache_store('self', ['first' => new stdClass, 'busy' => new Busy, 'last' => 'end']);
$fetched = cache_fetch('self');
echo json_encode($fetched), "\n";
var_dump(cache_exists('self'));
?>
--EXPECT--
{"first":{},"busy":{"log":[2,["before",{}],false,"ArrayObject",true]},"last":"end"}
bool(false)
