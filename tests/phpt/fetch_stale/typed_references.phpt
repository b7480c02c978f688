--TEST--
References with types get what they can hold; a lease that they refuse is given back
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-typed-references${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Holder
{
    public int $int = 7;
    public array $array = [];
    public string $string = '';
    public bool $bool = false;
    public ?int $null = null;
    public Holder $holder;
}
$holder = new Holder;
$holder->holder = $holder;
cache_store('key', 'value', 0, 60);
cache_fetch_stale('key', $holder->int, $holder->null);
var_dump($holder->int, $holder->null);
cache_fetch_stale(['key'], $holder->array);
echo json_encode($holder->array), "\n";
cache_fetch_stale('key', $holder->string, $holder->bool);
var_dump($holder->string, $holder->bool);
$refused = [
    'the lease' => static fn() => cache_fetch_stale('missing', $state, $holder->array, 10),
    'the state' => static fn() => cache_fetch_stale('missing', $holder->array, $lease, 10),
    'the leases' => static fn() => cache_fetch_stale(['missing', 5], $state, $holder->int, 10),
    'the states' => static fn() => cache_fetch_stale(['missing', 5], $holder->holder, $lease, 10),
];
foreach ($refused as $what => $call) {
    echo "$what: ";
    attempt($call);
    foreach (['missing', '5'] as $key) {
        $lease = cache_lease($key);
        var_dump($lease > 0 && cache_lease_release($key, $lease));
    }
}
?>
--EXPECT--
int(1)
int(0)
{"key":1}
string(1) "1"
bool(false)
the lease: TypeError: Cannot assign int to reference held by property Holder::$array of type array
bool(true)
bool(true)
the state: TypeError: Cannot assign int to reference held by property Holder::$array of type array
bool(true)
bool(true)
the leases: TypeError: Cannot assign array to reference held by property Holder::$int of type int
bool(true)
bool(true)
the states: TypeError: Cannot assign array to reference held by property Holder::$holder of type Holder
bool(true)
bool(true)
