--TEST--
Further array functions give for a fetched array what they give for an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-functions${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

$other = ['name' => 'other', 3 => 'three', 'x' => [1], 0 => 3, 'f' => [[1, 'q'], 'w' => 2], 'a' => ['b' => ['c' => 0, 'z' => 1]]];
$compare = fn($x, $y) => strcmp(serialize($x), serialize($y));

compareOperations(arrayValues(), [
    'array_values' => function ($a) { $b = array_values($a); $b[] = 1; return [$a, $b]; },
    'array_values of the value itself' => array_values(...),
    'array_keys' => fn($a) => array_keys($a),
    'array_keys of the value itself' => array_keys(...),
    'array_keys by value' => fn($a) => [
        array_keys($a, 5), array_keys($a, '5', true), array_keys($a, [1, 2]), array_keys($a, null),
    ],
    'array_key_exists' => fn($a) => [
        array_key_exists('name', $a), array_key_exists(5, $a), array_key_exists('5', $a), array_key_exists('', $a),
    ],
    'array_is_list' => fn($a) => array_is_list($a),
    'count' => fn($a) => [count($a), count($a, COUNT_RECURSIVE), sizeof($a)],
    'in_array' => fn($a) => [
        in_array('five', $a), in_array(5, $a, true), in_array([1, 2], $a), in_array('deep', $a['a']['b'] ?? []),
    ],
    'array_search' => fn($a) => [
        array_search('five', $a), array_search(5, $a, true), array_search([1, 2], $a), array_search('', $a),
    ],
    'search for its own elements' => fn($a) => array_map(fn($v) => [array_search($v, $a), array_search($v, $a, true), in_array($v, $a, true)], $a),
    'array_flip' => fn($a) => array_flip($a),
    'array_flip of keys' => fn($a) => array_flip(array_keys($a)),
    'array_flip twice' => fn($a) => array_flip(array_flip($a)),
    'array_combine' => fn($a) => array_combine(array_keys($a), array_reverse($a)),
    'array_combine with elements as keys' => fn($a) => array_combine($a, $a),
    'array_count_values' => fn($a) => array_count_values($a),
    'array_unique' => function ($a) {
        $b = array_unique([...array_values($a), ...array_values($a)], SORT_REGULAR); $b[] = 1; return $b;
    },
    'array_unique of the value itself' => array_unique(...),
    'array_slice' => function ($a) { $b = array_slice($a, 1, 3); $b[] = 1; return [$a, $b]; },
    'array_slice, all' => function ($a) { $b = array_slice($a, 0); $b[] = 1; return [$a, $b]; },
    'array_slice, keys kept' => fn($a) => [array_slice($a, -3, 2, true), array_slice($a, 2, null, true)],
    'array_slice, nothing' => fn($a) => [array_slice($a, 100), array_slice($a, 0, 0)],
    'array_chunk' => fn($a) => array_chunk($a, 3),
    'array_chunk, keys kept' => fn($a) => array_chunk($a, 2, true),
    'array_column' => fn($a) => [
        array_column($a, 'name'), array_column($a, 'name', 'id'), array_column($a, null, 'id'), array_column($a, 0),
    ],
    'array_sum' => fn($a) => array_sum($a),
    'array_sum of the value itself' => array_sum(...),
    'array_product' => fn($a) => array_product($a),
    'array_change_key_case' => fn($a) => [array_change_key_case($a, CASE_UPPER), array_change_key_case($a)],
    'array_merge' => fn($a) => [array_merge($a, $other), array_merge($other, $a)],
    'array_merge of the value itself' => array_merge(...),
    'array_merge of one' => function ($a) { $b = array_merge($a); $b[] = 1; return [$a, $b]; },
    'array_merge with empty' => function ($a) {
        $b = array_merge($a, []); $b[] = 1; $c = array_merge([], $a); $c[] = 2; return [$a, $b, $c];
    },
    'array_merge with itself' => fn($a) => array_merge($a, $a, $a),
    'array_merge of a spread' => fn($a) => array_merge(...array_values(array_filter($a, 'is_array'))),
    'array_merge_recursive' => fn($a) => [array_merge_recursive($a, $other), array_merge_recursive($other, $a)],
    'array_merge_recursive with itself' => fn($a) => array_merge_recursive($a, $a),
    'array_replace' => fn($a) => [array_replace($a, $other), array_replace($other, $a)],
    'array_replace of one' => function ($a) { $b = array_replace($a); $b[] = 1; return [$a, $b]; },
    'array_replace of the value itself' => array_replace(...),
    'array_replace_recursive' => fn($a) => [array_replace_recursive($a, $other), array_replace_recursive($other, $a)],
    'array_replace_recursive with itself' => fn($a) => array_replace_recursive($a, $a),
    'array_diff' => fn($a) => [array_diff($a, $other), array_diff($other, $a), array_diff($a, $a), array_diff($a, [])],
    'array_diff_key' => fn($a) => [array_diff_key($a, $other), array_diff_key($other, $a), array_diff_key($a, $a)],
    'array_diff_assoc' => fn($a) => [array_diff_assoc($a, $other), array_diff_assoc($other, $a)],
    'array_udiff' => fn($a) => array_udiff($a, $other, $compare),
    'array_udiff_assoc' => fn($a) => array_udiff_assoc($a, $other, $compare),
    'array_udiff_uassoc' => fn($a) => array_udiff_uassoc($a, $other, $compare, $compare),
    'array_diff_ukey' => fn($a) => array_diff_ukey($a, $other, $compare),
    'array_diff_uassoc' => fn($a) => array_diff_uassoc($a, $other, $compare),
    'array_intersect' => fn($a) => [array_intersect($a, $other), array_intersect($other, $a), array_intersect($a, $a)],
    'array_intersect_key' => fn($a) => [
        array_intersect_key($a, $other), array_intersect_key($other, $a), array_intersect_key($a, $a),
    ],
    'array_intersect_assoc' => fn($a) => [array_intersect_assoc($a, $other), array_intersect_assoc($a, $a)],
    'array_uintersect' => fn($a) => array_uintersect($a, $other, $compare),
    'array_uintersect_assoc' => fn($a) => array_uintersect_assoc($a, $other, $compare),
    'array_intersect_ukey' => fn($a) => array_intersect_ukey($a, $other, $compare),
    'array_intersect_uassoc' => fn($a) => array_intersect_uassoc($a, $other, $compare),
    'array_key_first' => array_key_first(...),
    'array_key_last' => array_key_last(...),
    'range of elements' => fn($a) => range($a[0] ?? 'a', $a[1] ?? 'e'),
    'implode' => fn($a) => [implode(',', $a), join($a)],
    'implode of the value itself' => implode(...),
    'vsprintf' => fn($a) => vsprintf('%s %05d %-10s|', array_values($a)),
    'number functions on elements' => fn($a) => array_map(fn($v) => [intval($v), boolval($v), is_numeric($v), is_scalar($v)], $a),
    'pack' => fn($a) => bin2hex(pack('N*', ...array_map('intval', array_values($a)))),
    'str_replace by arrays' => fn($a) => str_replace(array_keys($other), $a, 'name three x f 3'),
    'str_replace in an array' => fn($a) => str_replace(['e', 'string'], ['E', 'text'], $a, $count) + ['count' => $count],
    'substr_replace in an array' => fn($a) => substr_replace($a, 'new', 1, 2),
    'strtr by an array' => fn($a) => strtr('a name with string 1 and three', array_filter($a, 'is_scalar')),
    'preg_replace in an array' => fn($a) => preg_replace('/[aeiou]/', '*', $a),
    'preg_replace by arrays' => fn($a) => preg_replace(['/e/', '/t/'], array_values($a), 'text and tee'),
    'preg_replace_callback in an array' => fn($a) => preg_replace_callback('/\w+/', fn($m) => strrev($m[0]), $a),
    'preg_grep' => fn($a) => [preg_grep('/[13]/', $a), preg_grep('/[13]/', $a, PREG_GREP_INVERT)],
    'filter_var_array' => fn($a) => filter_var_array($a, ['name' => FILTER_DEFAULT, 'yes' => FILTER_VALIDATE_BOOL, 'list' => ['flags' => FILTER_REQUIRE_ARRAY]]),
    'filter_var of an array' => fn($a) => filter_var($a, FILTER_VALIDATE_INT, FILTER_REQUIRE_ARRAY),
    'stream_context_create' => fn($a) => stream_context_get_options(stream_context_create(['http' => $a])),
    'call_user_func_array' => fn($a) => call_user_func_array(fn(...$all) => $all, $a),
    'strval of elements' => fn($a) => array_map('strval', array_filter($a, 'is_scalar')),
    'unserialize options' => fn($a) => unserialize('a:0:{}', ['allowed_classes' => array_filter($a, 'is_string')]),
    'checkdate of elements' => fn($a) => checkdate((int) ($a[0] ?? 1), (int) ($a[1] ?? 1), 2024),
    'array_walk over its columns' => fn($a) => array_map(null, ...array_values(array_filter($a, 'is_array'))),
]);
?>
--EXPECT--
done
