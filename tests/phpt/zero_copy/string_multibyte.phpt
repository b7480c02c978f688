--TEST--
Multibyte functions give for a fetched string what they give for an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--SKIPIF--
<?php
if (!function_exists('mb_strlen')) {
    die('skip needs mbstring');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-string-multibyte${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

$names = [
    'encoding' => fn() => own('ISO-8859-1'),
    'other encoding' => fn() => own('sjis'),
    'language' => fn() => own('Japanese'),
];

compareOperations(stringValues() + $names, [
    'mb_strlen' => fn($s) => [mb_strlen($s), mb_strlen($s, '8bit'), mb_strlen($s, 'UTF-8'), mb_strwidth($s)],
    'mb_strlen twice' => fn($s) => mb_strlen($s) . mb_strlen($s) . mb_strlen($s),
    'mb_check_encoding' => fn($s) => [
        mb_check_encoding($s), mb_check_encoding($s, 'UTF-8'), mb_check_encoding($s, 'ASCII'),
        mb_check_encoding([$s => $s]),
    ],
    'mb_check_encoding twice' => fn($s) => [
        mb_check_encoding($s, 'UTF-8'), mb_check_encoding($s, 'UTF-8'), preg_match('/./u', $s),
    ],
    'mb_substr' => fn($s) => [mb_substr($s, 0, 3), mb_substr($s, -3), mb_substr($s, 1, -1), mb_strcut($s, 1, 5)],
    'mb_substr of all and append' => function ($s) { $t = mb_substr($s, 0); $t .= 'X'; return [$s, $t]; },
    'mb_strtoupper of the value itself' => mb_strtoupper(...),
    'mb_strtolower of the value itself' => mb_strtolower(...),
    'mb_convert_case' => fn($s) => [
        mb_convert_case($s, MB_CASE_TITLE), mb_convert_case($s, MB_CASE_FOLD),
        mb_convert_case($s, MB_CASE_UPPER_SIMPLE),
    ],
    'mb_strpos' => fn($s) => [
        mb_strpos($s, 'o'), mb_stripos($s, 'O'), mb_strrpos($s, 'o'), mb_strripos($s, 'O'), mb_strpos("x$s", $s),
    ],
    'mb_strstr' => fn($s) => [mb_strstr($s, 'o'), mb_stristr($s, 'O'), mb_strrchr($s, 'o'), mb_strrichr($s, 'O')],
    'mb_substr_count' => fn($s) => mb_substr_count($s, 'e'),
    'mb_str_split' => fn($s) => mb_str_split(mb_substr($s, 0, 40)),
    'mb_convert_encoding' => fn($s) => [
        mb_convert_encoding($s, 'UTF-8', 'ISO-8859-1'), bin2hex(mb_convert_encoding($s, 'UTF-16LE')),
        mb_convert_encoding($s, 'UTF-8', 'UTF-8'),
    ],
    'mb_convert_encoding, same and append' => function ($s) {
        $t = mb_convert_encoding($s, 'UTF-8', 'UTF-8'); $t .= 'X'; return [$s, $t];
    },
    'mb_convert_encoding of an array' => fn($s) => mb_convert_encoding([$s => $s, 'x' => [$s]], 'ISO-8859-1', 'UTF-8'),
    'mb_convert_encoding named by it' => fn($s) => mb_convert_encoding('text', $s),
    'mb_convert_variables' => function ($s) {
        $t = $s; $a = ['x' => $s]; return [mb_convert_variables('UTF-8', 'ISO-8859-1', $t, $a), $s, $t, $a];
    },
    'mb_detect_encoding' => fn($s) => [mb_detect_encoding($s), mb_detect_encoding($s, ['UTF-8', 'ISO-8859-1'], true)],
    'mb_detect_order by it' => fn($s) => [mb_detect_order($s), mb_detect_order(), mb_detect_order('auto')],
    'mb_internal_encoding by it' => fn($s) => [
        mb_internal_encoding($s), mb_internal_encoding(), mb_strlen("\u{e9}"), mb_internal_encoding('UTF-8'),
    ],
    'mb_regex_encoding by it' => fn($s) => function_exists('mb_ereg') ? [mb_regex_encoding($s), mb_regex_encoding(), mb_regex_encoding('UTF-8')] : null,
    'mb_scrub of the value itself' => mb_scrub(...),
    'mb_scrub and append' => function ($s) { $t = mb_scrub($s); $t .= 'X'; return [$s, $t, mb_scrub($s)]; },
    'mb_ord' => fn($s) => [mb_ord($s), mb_chr(mb_ord($s) ?: 65)],
    'mb_strimwidth' => fn($s) => mb_strimwidth($s, 0, 10, '...'),
    'mb_encode_numericentity' => fn($s) => [
        mb_encode_numericentity($s, [0x80, 0x10ffff, 0, 0x1fffff]),
        mb_decode_numericentity($s, [0, 0xffff, 0, 0xffff]),
    ],
    'mb_encode_mimeheader' => fn($s) => [mb_encode_mimeheader($s), mb_decode_mimeheader($s)],
    'mb_parse_str' => function ($s) { mb_parse_str($s, $a); return $a; },
    'mb_language' => fn($s) => [mb_language($s), mb_language(), mb_language('neutral')],
    'mb_substitute_character' => fn($s) => mb_substitute_character($s),
    'mb_preferred_mime_name' => fn($s) => mb_preferred_mime_name($s),
    'mb_encoding_aliases' => fn($s) => mb_encoding_aliases($s),
    'mb_ereg' => fn($s) => function_exists('mb_ereg') ? [mb_ereg('l+', $s, $m), $m, mb_ereg_replace('[aeiou]', '*', $s), mb_split('o', $s)] : null,
]);
?>
--EXPECT--
done
