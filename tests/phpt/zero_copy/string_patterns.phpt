--TEST--
Patterns on fetched strings, and fetched strings as patterns, match as ordinary ones do, and the cached ones stay
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-string-patterns${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

$quoted = fn($s) => '/' . preg_quote(substr($s, 0, 200), '/') . '/';

compareOperations(stringValues(), [
    'preg_match' => function ($s) { return [preg_match('/(\w)(\w+)/', $s, $m), $m, preg_last_error_msg()]; },
    'preg_match, the whole' => function ($s) { preg_match('/.*/s', $s, $m); $m[0] .= 'X'; return [$s, $m]; },
    'preg_match, UTF-8' => function ($s) { return [preg_match('/\p{L}+/u', $s, $m), $m, preg_last_error_msg()]; },
    'preg_match, UTF-8 twice' => function ($s) {
        return [preg_match('/\p{Lu}/u', $s), preg_match('/\p{Ll}$/u', $s), preg_match('/./u', $s, $m, PREG_OFFSET_CAPTURE, 1), $m];
    },
    'preg_match, offsets' => function ($s) {
        preg_match('/o(?<rest>.*)/', $s, $m, PREG_OFFSET_CAPTURE | PREG_UNMATCHED_AS_NULL); return $m;
    },
    'preg_match, written to the subject' => function ($s) { preg_match('/./s', $s, $s); return $s; },
    'preg_match, offset behind' => fn($s) => preg_match('/./', $s, $m, 0, 99999),
    'preg_match_all' => function ($s) { return [preg_match_all('/[aeiou]/', substr($s, 0, 100), $m), $m]; },
    'preg_match_all, sets' => function ($s) {
        preg_match_all('/(?<a>\w)(\d)?/', substr($s, 0, 100), $m, PREG_SET_ORDER); return $m;
    },
    'preg_match_all, empty matches' => function ($s) { return preg_match_all('//u', $s, $m); },
    'preg_replace' => fn($s) => preg_replace('/[aeiou]/', '<$0>', $s),
    'preg_replace, nothing to do' => function ($s) { $t = preg_replace('/~~~/', '', $s); $t .= 'X'; return [$s, $t]; },
    'preg_replace, by it' => fn($s) => preg_replace('/e/', $s, 'here'),
    'preg_replace, UTF-8' => fn($s) => preg_replace('/\W+/u', '_', $s),
    'preg_replace, count' => function ($s) {
        $t = preg_replace(['/e/', '/o/'], ['E', 'O'], $s, 2, $n); return [$t, $n];
    },
    'preg_replace_callback' => fn($s) => preg_replace_callback('/\w+/', fn($m) => strrev($m[0]), $s),
    'preg_replace_callback, changing the subject' => function ($s) {
        return preg_replace_callback('/o/', function ($m) use (&$s) { $s = 'gone'; return '0'; }, $s) . $s;
    },
    'preg_replace_callback_array' => fn($s) => preg_replace_callback_array(['/[a-m]/' => fn($m) => strtoupper($m[0]), '/\d/' => fn($m) => $m[0] + 1], $s),
    'preg_split' => fn($s) => preg_split('/[\s,]+/', $s),
    'preg_split, characters' => fn($s) => preg_split('//u', substr($s, 0, 60), -1, PREG_SPLIT_NO_EMPTY),
    'preg_split, delimiters' => fn($s) => preg_split('/(o)/', $s, -1, PREG_SPLIT_DELIM_CAPTURE | PREG_SPLIT_OFFSET_CAPTURE),
    'preg_split, nothing to do' => function ($s) { $a = preg_split('/~~~/', $s); $a[0] .= 'X'; return [$s, $a]; },
    'preg_quote' => preg_quote(...),
    'preg_quote and append' => function ($s) { $t = preg_quote($s); $t .= 'X'; return [$s, $t]; },
    'preg_grep' => fn($s) => preg_grep('/e/', [$s, 'x' => $s, 'none']),
    'as a pattern' => fn($s) => [preg_match($s, 'Hello world', $m), $m],
    'as a pattern twice' => fn($s) => [
        preg_match($s, 'foo bar'), preg_replace($s, '[$1]', 'Hello world'), preg_split($s, 'Hello world'),
    ],
    'as a pattern, subject too' => fn($s) => preg_match($s, $s, $m) . serialize($m),
    'as a pattern in an array' => fn($s) => preg_replace([$s, '/l/'], ['<$0>', 'L'], 'Hello world'),
    'as a key of callbacks' => fn($s) => preg_replace_callback_array([$s => fn($m) => "<$m[0]>"], 'Hello world'),
    'as the name of a group' => function ($s) {
        return preg_match('/(?<tail>l+)/', 'Hello', $m) ? $m[$s] ?? $m['tail'] : null;
    },
    'quoted as a pattern' => fn($s) => [preg_match($quoted($s), $s), preg_match($quoted($s), 'Hello')],
    'quoted, case ignored' => fn($s) => preg_match($quoted($s) . 'iu', $s),
    'in a lookbehind' => fn($s) => preg_replace('/(?<=l)./', '*', $s),
    'fetched group of a fetched string' => function ($s) {
        preg_match('/(?<key>\w+)/', $s, $m); $a = []; foreach ($m as $k => $v) { $a[$v][] = $k; } return $a;
    },
    'RegexIterator' => fn($s) => iterator_to_array(new RegexIterator(new ArrayIterator([$s, 'Hello', 'x' => $s]), '/l/')),
    'RegexIterator by it' => fn($s) => iterator_to_array(new RegexIterator(new ArrayIterator(['Hello', 'foo']), $s, RegexIterator::GET_MATCH)),
    'glob pattern' => fn($s) => [fnmatch($s, $s), fnmatch(substr($s, 0, 3) . '*', $s)],
    'backtracking' => function ($s) {
        return [preg_match('/(?:\D+|<\d+>)*[!?]/', substr($s, 0, 30)), preg_last_error()];
    },
]);
?>
--EXPECT--
done
