--TEST--
Arrays come back as they were; references do not survive the way
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-payload-arrays${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$same = static function (mixed $payload): void {
    cache_queue_push('q', 'k', $payload);
    $job = cache_queue_pop('q');
    cache_queue_ack($job['id'], $job['token']);
    var_dump(serialize($job['payload']) === serialize($payload));
};
$same([]);
$same([1, 'two', 3.5, null, true, [], [[[]]]]);
$same(['a' => 1, 5 => 'five', '' => 'empty', "b\0c" => "d\0e", -7 => ['nested' => ['more' => ['deep' => -0.0]]]]);
$same(range(1, 3000));
$deep = [];
for ($i = 0; $i < 200; $i++) {
    $deep = [$deep];
}
$same($deep);

$value = 'of a reference';
$reference = &$value;
cache_queue_push('q', 'k', $reference);
$array = ['r' => &$value, 'list' => [&$value]];
cache_queue_push('q', 'array', $array);
$value = 'changed';
var_dump(cache_queue_pop('q')['payload'], cache_queue_pop('q')['payload'] == ['r' => 'of a reference', 'list' => ['of a reference']]);
/* The caller's own array has its reference still. */
$value = 'changed again';
var_dump($array['r']);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
string(14) "of a reference"
bool(true)
string(13) "changed again"
