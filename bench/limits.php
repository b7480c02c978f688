<?php
/*
 * The operations that bench/rows/limits.php times, each beside what nobody can be faster than: a function of an extension that does
 * nothing, a read of an element of a plain array, or one copy of the bytes.
 */
declare(strict_types=1);

require_once __DIR__ . '/lib/operation.php';
require_once __DIR__ . '/lib/product.php';

$nothing = ['call' => 'LIB_enabled()'];
$plain = static fn (string $value): string => "\$plain = ['bench:operation:k:01' => $value, 'another' => 1]";
$rows = <<<'PHP'
    (static fn (): array => array_map(static fn (int $i): array => ['id' => $i, 'name' => "name $i", 'tags' => ['a', 'b', 'c']], range(1, 1000)))()
    PHP;

$limits = [];
$fetches = ['an int' => '42', '1000 rows' => $rows, 'a string of 1 MB' => 'str_repeat("x", 1 << 20)'];
foreach ($fetches as $what => $value) {
    $limits[] = new Operation(
        "fetch $what",
        'LIB_fetch(KEY)',
        true,
        variables: $plain($value),
        // Not before each chunk: a process on the command line holds what it has fetched, and copies when that is too much.
        once: 'LIB_store(KEY, $plain[KEY])',
        check: 'LIB_fetch(KEY) === $plain[KEY]',
        // An int's read must be of use, or the optimizer leaves it out.
        others: $nothing + ['read' => $what === 'an int' ? '$value = $plain[KEY]' : '$plain[KEY]'],
    );
}
foreach (['a miss' => ['LIB_fetch(KEY)', false, 'LIB_delete(KEY)'], 'exists' => ['LIB_exists(KEY)', true, 'LIB_store(KEY, 1)']] as $name => $one) {
    $limits[] = new Operation($name, $one[0], $one[1], $one[2], $plain('42'), others: $nothing + ['read' => '$value = isset($plain[KEY])']);
}
$limits[] = new Operation('inc', 'LIB_inc(KEY)', 1, 'LIB_store(KEY, 0)', $plain('0'), others: $nothing + ['read' => '++$plain[KEY]']);
$limits[] = new Operation('store an int', 'LIB_store(KEY, 42)', true, '', others: $nothing);
foreach ([1 => '1 KB', 10 => '10 KB', 100 => '100 KB', 1024 => '1 MB'] as $kilobytes => $what) {
    $bytes = $kilobytes * 1024;
    $limits[] = new Operation(
        "store a string of $what",
        'LIB_store(KEY, $value)',
        true,
        variables: "\$value = str_repeat('x', $bytes); \$hashed = [\$value => true]",
        // A string of its own: memory is had and given back, and the bytes are copied.
        others: $nothing + ['copy' => 'substr($value, 1)'],
    );
}

return $limits;
