--TEST--
Dead letters: what they say, the latest first, and how many
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-dead${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

function kill(string $queue, string $key, mixed $payload = null, ?string $error = null): void
{
    cache_queue_push($queue, $key, $payload);
    $job = cache_queue_pop($queue);
    cache_queue_fail($job['id'], $job['token'], $error);
}
$before = (int) (microtime(true) * 1e6);
kill('q', 'a', ['a payload'], 'the error');
[$letter] = cache_queue_dead('q');
var_dump(array_keys($letter), $letter['id'] > 0, $letter['key'], $letter['payload'], $letter['attempt'], $letter['error']);
var_dump($letter['pushed_at'] >= $before, $letter['died_at'] >= $letter['pushed_at'], $letter['died_at'] <= ceil(microtime(true) * 1e6));
kill('q', 'b', null, str_repeat('e', 184) . 'not kept');
kill('other', 'other', 1);
kill('q', 'c', 1.5, '');
kill('q', 'd', new ArrayObject([1]), "zero \0 byte");
kill('q', str_repeat('k', 300), str_repeat('p', 3000));
$list = cache_queue_dead('q');
var_dump(array_is_list($list), strlen($list[3]['error']), $list[1]['error'] === "zero \0 byte", $list[1]['payload'] == new ArrayObject([1]), $list[0]['payload'] === str_repeat('p', 3000));
$keys = fn(int ...$limit) => implode(' ', array_map(fn($letter) => substr($letter['key'], 0, 1), cache_queue_dead('q', ...$limit)));
var_dump($keys(), $keys(2), $keys(1), $keys(5), $keys(PHP_INT_MAX), cache_queue_dead('unknown'), count(cache_queue_dead('other')));
for ($i = 0; $i < 120; $i++) {
    kill('many', "key $i");
}
var_dump(count(cache_queue_dead('many')), cache_queue_dead('many')[0]['key'], cache_queue_info('many')['dead']);
?>
--EXPECT--
array(7) {
  [0]=>
  string(2) "id"
  [1]=>
  string(3) "key"
  [2]=>
  string(7) "payload"
  [3]=>
  string(7) "attempt"
  [4]=>
  string(9) "pushed_at"
  [5]=>
  string(7) "died_at"
  [6]=>
  string(5) "error"
}
bool(true)
string(1) "a"
array(1) {
  [0]=>
  string(9) "a payload"
}
int(1)
string(9) "the error"
bool(true)
bool(true)
bool(true)
bool(true)
int(184)
bool(true)
bool(true)
bool(true)
string(9) "k d c b a"
string(3) "k d"
string(1) "k"
string(9) "k d c b a"
string(9) "k d c b a"
array(0) {
}
int(1)
int(100)
string(7) "key 119"
int(120)
