<?php
declare(strict_types=1);

require_once __DIR__ . '/product.php';

const VALUES = [
    'int', 'float', '20 B string', '100 B string', '1 KB string', '10 KB string', '100 KB string',
    '10-element array', '10 ints by key', '10 ints', '1000 ints', '1000 floats', '10 strings by key',
    '1000 strings by key', '100 rows of 4', '100 rows of 10', '100 rows of 10, from JSON',
    '100 rows of 10, long strings', '100 nested rows', '1000 nested rows', 'stdClass with arrays', '1000 products',
];

/* A class of each kind, for the rows that look at many caches: scalars, strings, arrays, objects. */
const VALUE_CLASSES = [
    'int', '20 B string', '1 KB string', '10-element array', '100 nested rows', '1000 nested rows', '1 MB string', '100 products',
];

/**
 * The values that the rows about values share, by their names in the tables. All of it is made anew, and its strings
 * have not been hashed, except for keys that stand in this file.
 */
function value(string $name): mixed
{
    return match ($name) {
        'int' => 42,
        'float' => 4.25,
        '20 B string' => str_repeat('x', 20),
        '100 B string' => str_repeat('x', 100),
        '1 KB string' => str_repeat('x', 1024),
        '10 KB string' => str_repeat('x', 10 * 1024),
        '100 KB string' => str_repeat('x', 100 * 1024),
        '1 MB string' => str_repeat('x', 1024 * 1024),
        '10-element array' => member(4711),
        '10 ints by key' => keyed(10, static fn (int $i): int => $i * 7919),
        '10 ints' => array_map(static fn (int $i): int => $i * 7919, range(1, 10)),
        '1000 ints' => array_map(static fn (int $i): int => $i * 7919, range(1, 1000)),
        '1000 floats' => array_map(static fn (int $i): float => $i * 1.1, range(1, 1000)),
        '10 strings by key' => keyed(10, static fn (int $i): string => "The text of number $i"),
        '1000 strings by key' => keyed(1000, static fn (int $i): string => "The text of number $i"),
        '100 rows of 4' => array_map(account(...), range(1, 100)),
        '100 rows of 10' => array_map(member(...), range(1, 100)),
        '100 rows of 10, from JSON' => json_decode(json_encode(array_map(member(...), range(1, 100))), true),
        '100 rows of 10, long strings' => array_map(letter(...), range(1, 100)),
        '100 nested rows' => array_map(article(...), range(1, 100)),
        '1000 nested rows' => array_map(article(...), range(1, 1000)),
        'stdClass with arrays' => settings(),
        '100 products' => array_map(product(...), range(1, 100)),
        '1000 products' => array_map(product(...), range(1, 1000)),
    };
}

/** @return array<string, mixed> */
function keyed(int $count, Closure $of): array
{
    $array = [];
    for ($i = 1; $i <= $count; ++$i) {
        $array["key number $i"] = $of($i);
    }

    return $array;
}

/** @return array<string, int|string> */
function account(int $i): array
{
    return ['id' => $i, 'name' => "Member $i", 'mail' => "member$i@example.org", 'points' => $i * 7 % 1000];
}

/** @return array<string, int|float|string|bool|null> */
function member(int $i): array
{
    return [
        'identifier' => $i,
        'name' => "Ada Lovelace $i",
        'mail' => "ada$i@example.org",
        'active' => true,
        'score' => $i + 0.5,
        'visits' => $i * 31,
        'language' => 'en' . $i % 9,
        'city' => 'London ' . $i % 30,
        'parent' => null,
        'role' => 'editor' . $i % 3,
    ];
}

/** @return array<string, string> ten strings of 40 to 119 bytes */
function letter(int $i): array
{
    $keys = ['from', 'to', 'subject', 'opening', 'first', 'second', 'third', 'closing', 'name', 'remark'];
    $row = [];
    foreach ($keys as $at => $key) {
        $row[$key] = str_pad("$key $i ", 40 + ($i * 10 + $at) * 7 % 80, 'x');
    }

    return $row;
}

/** @return array{id: int, name: string, price: float, tags: list<string>} */
function article(int $i): array
{
    return [
        'id' => $i,
        'name' => "Article number $i",
        'price' => $i * 1.1,
        'tags' => ['tag ' . $i % 10, 'tag ' . $i % 100, "tag $i"],
    ];
}

function settings(): stdClass
{
    return (object) [
        'id' => 7,
        'title' => 'A page of settings',
        'owner' => member(1),
        'articles' => array_map(article(...), range(1, 20)),
        'flags' => keyed(10, static fn (int $i): bool => $i % 2 === 0),
    ];
}

function product(int $i): Product
{
    return new Product($i, "Product number $i", new Money($i * 99, 'EUR'), $i * 0.25, $i % 2 === 0);
}

/**
 * Changes one of many rows and nothing else.
 *
 * @param list<array<string, mixed>> $rows
 */
function changed(array $rows): array
{
    $rows[intdiv(count($rows), 2)]['price'] = 0.5;

    return $rows;
}
