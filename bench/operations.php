<?php
/*
 * The operations that bench/rows/ops.php times. A 1 KB string is "known" when PHP has hashed it before, as it has
 * every literal and array key, and "fresh" when not, as what comes from a database or a template.
 */
declare(strict_types=1);

require_once __DIR__ . '/lib/operation.php';

$array = <<<'PHP'
    $array = [
        'id' => 4711, 'name' => 'Ada Lovelace', 'mail' => 'ada@example.org', 'active' => true, 'score' => 12.5,
        'visits' => 31, 'language' => 'en', 'city' => 'London', 'parent' => null, 'role' => 'editor',
    ]
    PHP;
$list = <<<'PHP'
    $list = array_map(static fn (int $i): string => 'bench:operation:l:' . $i, range(10, 29));
    foreach ($list as $one) {
        LIB_store($one, 42);
    }
    PHP;
$kilobyte = '$value = str_repeat("x", 1024); $hashed = [$value => true]';
$short = 'LIB_store(KEY, "a value of twenty by")';

return [
    new Operation('fetch int', 'LIB_fetch(KEY)', 42, 'LIB_store(KEY, 42)', goal: 0.5, computed: true),
    new Operation('fetch 20 B string', 'LIB_fetch(KEY)', 'a value of twenty by', $short, computed: true),
    new Operation(
        'fetch 1 KB string',
        'LIB_fetch(KEY)',
        str_repeat('x', 1024),
        'LIB_store(KEY, $value)',
        variables: $kilobyte,
        computed: true,
    ),
    new Operation('fetch, a miss', 'LIB_fetch(KEY)', false, 'LIB_delete(KEY)', goal: 0.5, computed: true),
    new Operation('exists', 'LIB_exists(KEY)', true, 'LIB_store(KEY, 42)', goal: 0.5, computed: true),
    new Operation('fetch int with a ttl', 'LIB_fetch(KEY)', 42, 'LIB_store(KEY, 42, 600)', goal: 0.5, computed: true),
    new Operation('exists, with a ttl', 'LIB_exists(KEY)', true, 'LIB_store(KEY, 42, 600)', goal: 0.5, computed: true),
    new Operation('inc', 'LIB_inc(KEY)', 1, 'LIB_store(KEY, 0)', goal: 0.5, computed: true),
    new Operation('cas', 'LIB_cas(KEY, 5, 5)', true, 'LIB_store(KEY, 5)', goal: 0.5, computed: true),
    new Operation('store int', 'LIB_store(KEY, 42)', true, goal: 0.7, computed: true),
    new Operation('store int with a ttl', 'LIB_store(KEY, 42, 600)', true, goal: 0.7, computed: true),
    new Operation(
        'store 1 KB string, known',
        'LIB_store(KEY, $value)',
        true,
        variables: $kilobyte,
        goal: 0.7,
        computed: true,
    ),
    new Operation(
        'store 1 KB string, fresh',
        'LIB_store(KEY, $value)',
        true,
        variables: '$blob = str_repeat("0123456789abcdef", 65)',
        prepare: '$value = substr($blob, $i & 15, 1024)',
        goal: 0.7,
        computed: true,
    ),
    new Operation('store 10-element array', 'LIB_store(KEY, $array)', true, variables: $array),
    new Operation('fetch 10-element array', 'count(LIB_fetch(KEY))', 10, 'LIB_store(KEY, $array)', $array),
    new Operation('fetch 10-element array with a ttl', 'count(LIB_fetch(KEY))', 10, 'LIB_store(KEY, $array, 600)', $array),
    new Operation('fetch 20 keys in one call', 'count(LIB_fetch($list))', 20, variables: $list),
    new Operation('add, refused', 'LIB_add(KEY, 42)', false, 'LIB_store(KEY, 42)'),
    new Operation('delete and store int', '(LIB_delete(KEY) && LIB_store(KEY, 42))', true, 'LIB_store(KEY, 42)'),
    new Operation('key_info', 'is_array(LIB_key_info(KEY))', true, 'LIB_store(KEY, 42)'),
];
