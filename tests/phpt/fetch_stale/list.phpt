--TEST--
A list of keys: values of those found, states and leases of all, in the order asked
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-list${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['fresh' => 1, 'stale' => 2, '7' => 'seven', '-8' => 'minus', '09' => 'text', 'aging' => [1]], null, 1000, 1000);
cache_mark_stale('stale');
$keys = ['missing', 'stale', 7, '-8', '09', 'fresh', 10, "\0"];
function kinds(array $leases): string
{
    return json_encode(array_map(static fn($lease) => $lease > 0 ? 'won' : $lease, $leases));
}
echo json_encode(cache_fetch_stale($keys, $states, $leases)), "\n", json_encode($states), "\n", json_encode($leases), "\n";
echo json_encode(cache_fetch_stale($keys, $states, $leases, 10)), "\n", json_encode($states), "\n", kinds($leases), "\n";
var_dump(array_is_list(array_keys($states)), array_keys($states)[2] === 7, array_keys($states)[4] === '09');
echo "again\n";
cache_fetch_stale($keys, $states, $again, 10);
echo kinds($again), "\n";
var_dump(cache_commit('missing', $leases['missing'], 'new'), cache_commit('stale', $leases['stale'], 'new'), cache_commit(10, $leases[10], 'new'));
echo "aging\n";
echo json_encode(cache_fetch_stale(['fresh', 'aging', 'stale'], $states, $leases, 10, 1000.5)), json_encode($states), kinds($leases), "\n";
echo "a key that stands there twice keeps its lease\n";
cache_clear();
cache_fetch_stale(['twice', 5, 'twice', '5'], $states, $leases, 10);
echo kinds($leases), "\n";
var_dump(cache_commit('twice', $leases['twice'], 1), cache_fetch_stale([], $states, $leases, 10), $states, $leases);
?>
--EXPECT--
{"stale":2,"7":"seven","-8":"minus","09":"text","fresh":1}
{"missing":0,"stale":3,"7":1,"-8":1,"09":1,"fresh":1,"10":0,"\u0000":0}
{"missing":0,"stale":0,"7":0,"-8":0,"09":0,"fresh":0,"10":0,"\u0000":0}
{"stale":2,"7":"seven","-8":"minus","09":"text","fresh":1}
{"missing":0,"stale":3,"7":1,"-8":1,"09":1,"fresh":1,"10":0,"\u0000":0}
{"missing":"won","stale":"won","7":0,"-8":0,"09":0,"fresh":0,"10":"won","\u0000":"won"}
bool(true)
bool(true)
bool(true)
again
{"missing":-1,"stale":-1,"7":0,"-8":0,"09":0,"fresh":0,"10":-1,"\u0000":-1}
bool(true)
bool(true)
bool(true)
aging
{"fresh":1,"aging":[1],"stale":"new"}{"fresh":2,"aging":2,"stale":1}{"fresh":"won","aging":"won","stale":0}
a key that stands there twice keeps its lease
{"twice":"won","5":"won"}
bool(true)
array(0) {
}
array(0) {
}
array(0) {
}
