<?php
/*
 * The operations that bench/rows/values.php times. See bench/operations.php for what "known" and "fresh" say about a
 * string.
 */
declare(strict_types=1);

require_once __DIR__ . '/lib/operation.php';
require_once __DIR__ . '/lib/values.php';

/* The reference of the fetches: an int, fetched in the same turns. */
const FETCH_INT = ['fetch int' => "cache_fetch('bench:operation:i:01')"];
const STORE_INT = "cache_store('bench:operation:i:01', 42)";

/* Arrays to be stored. They are also stored under new keys, into pages that were never touched. */
const ARRAYS = [
    '10 ints by key', '10 ints', '1000 ints', '1000 floats', '10 strings by key', '1000 strings by key',
    '100 rows of 10', '100 rows of 10, from JSON', '100 rows of 10, long strings', '1000 nested rows',
];

$fetch = static fn (string $value, ?float $goal = null, array $others = FETCH_INT, string $also = ''): Operation
    => new Operation(
        "fetch $value",
        'LIB_fetch(KEY)',
        true,
        variables: $also,
        goal: $goal,
        once: "\$data = value('$value'); LIB_store(KEY, \$data); " . STORE_INT,
        check: 'LIB_fetch(KEY) == $data',
        others: $others,
        plain: is_scalar(value($value)),
    );
$store = static fn (string $value, float $goal): Operation => new Operation(
    "store $value",
    'LIB_store(KEY, $data)',
    true,
    variables: "\$data = value('$value')",
    goal: $goal,
    check: 'LIB_store(KEY, $data) && LIB_fetch(KEY) == $data',
);
$storeKnown = static fn (string $value): Operation => new Operation(
    "store $value, known",
    'LIB_store(KEY, $data)',
    true,
    variables: "\$data = value('$value'); \$hashed = [\$data => true]",
    goal: 1.0,
    plain: true,
);
$storeFresh = static fn (string $value, float $goal): Operation => new Operation(
    "store $value, fresh",
    'LIB_store(KEY, $value)',
    true,
    variables: "\$data = value('$value'); \$length = strlen(\$data); \$data .= '0123456789abcdef'",
    prepare: '$value = substr($data, $i & 15, $length)',
    goal: $goal,
    plain: true,
);
$fetchObjects = static function (string $value, float $goal) use ($fetch): Operation {
    $others = ['unserialize' => 'unserialize($php)'];
    $texts = "\$php = serialize(value('$value'))";
    if (function_exists('igbinary_unserialize')) {
        $others['igbinary_unserialize'] = 'igbinary_unserialize($igbinary)';
        $texts .= "; \$igbinary = igbinary_serialize(value('$value'))";
    }

    return $fetch($value, $goal, $others, $texts);
};

return [
    $fetch('int', others: []),
    $fetch('1 KB string'),
    $fetch('100 KB string'),
    $fetch('10-element array'),
    $fetch('100 nested rows'),
    $fetch('1000 nested rows', 1 / 5000),
    new Operation(
        'fetch 1000 nested rows and change one',
        'changed(LIB_fetch(KEY))',
        true,
        goal: 1 / 60,
        once: "\$data = value('1000 nested rows'); LIB_store(KEY, \$data)",
        check: 'changed(LIB_fetch(KEY)) == changed($data) && LIB_fetch(KEY) == $data',
    ),
    $fetchObjects('stdClass with arrays', 0.35),
    $fetchObjects('1000 products', 0.15),
    ...array_map(static fn (string $value): Operation => $store($value, 0.7), ARRAYS),
    $store('stdClass with arrays', 0.7),
    $store('1000 products', 0.7),
    ...array_map($storeKnown, ['100 B string', '1 KB string', '10 KB string', '100 KB string']),
    $storeFresh('1 KB string', 0.7),
    $storeFresh('10 KB string', 0.25),
    $storeFresh('100 KB string', 0.25),
];
