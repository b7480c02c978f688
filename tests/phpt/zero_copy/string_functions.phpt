--TEST--
String functions give for a fetched string what they give for an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-string-functions${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

compareOperations(stringValues(), [
    'strlen' => strlen(...),
    'strtolower of the value itself' => strtolower(...),
    'strtoupper of the value itself' => strtoupper(...),
    'strtolower of upper case' => fn($s) => strtolower(strtoupper($s)),
    'ucfirst of the value itself' => ucfirst(...),
    'lcfirst of the value itself' => lcfirst(...),
    'ucwords of the value itself' => ucwords(...),
    'ucwords, delimiters' => fn($s) => ucwords($s, "o \n"),
    'strrev of the value itself' => strrev(...),
    'trim of the value itself' => trim(...),
    'trim' => fn($s) => [trim($s), ltrim($s), rtrim($s), chop($s), trim($s, 'a..z'), trim($s, $s)],
    'trim nothing' => function ($s) { $t = trim($s, '#'); $t .= 'X'; return [$s, $t]; },
    'str_repeat' => fn($s) => [str_repeat($s, 0), str_repeat($s, 1), str_repeat($s, 3)],
    'str_repeat once and append' => function ($s) { $t = str_repeat($s, 1); $t .= 'X'; return [$s, $t]; },
    'str_pad' => fn($s) => [str_pad($s, 30, '*-', STR_PAD_BOTH), str_pad($s, 2), str_pad('x', 10, $s ?: ' ')],
    'substr' => fn($s) => [
        substr($s, 0), substr($s, 1), substr($s, -3, 2), substr($s, 0, 1), substr($s, 99999), substr($s, 2, -2),
    ],
    'substr of all and append' => function ($s) { $t = substr($s, 0); $t .= 'X'; return [$s, $t]; },
    'substr_count' => fn($s) => [substr_count($s, 'e'), substr_count('aaa', $s ?: 'a'), substr_count($s, 'o', 1)],
    'substr_replace' => fn($s) => [
        substr_replace($s, 'X', 1, 1), substr_replace($s, '', 0, 0), substr_replace('text', $s, 2, 0),
    ],
    'substr_compare' => fn($s) => [substr_compare($s, 'Hello', 0), substr_compare('Hello', $s, -5, 3, true)],
    'strpos' => fn($s) => [
        strpos($s, 'e'), stripos($s, 'E'), strrpos($s, 'e'), strripos($s, 'E'), strpos($s, ''),
        strpos('xx' . $s, $s),
    ],
    'str_contains' => fn($s) => [
        str_contains($s, 'e'), str_starts_with($s, 'H'), str_ends_with($s, 'o'), str_contains($s, $s),
        str_contains('Hello', $s),
    ],
    'strstr' => fn($s) => [
        strstr($s, 'o'), stristr($s, 'O'), strrchr($s, 'o'), strstr($s, 'o', true), strpbrk($s, 'xyzo'),
    ],
    'strspn' => fn($s) => [strspn($s, 'aeiouH'), strcspn($s, ' '), strspn('Hello', $s), strspn($s, $s)],
    'strtr' => fn($s) => [
        strtr($s, 'aeiou', 'AEIOU'), strtr($s, ['e' => 'EE', 'He' => 'X', '' => 'no']),
        strtr('Hello', $s, strrev($s)),
    ],
    'strtr with nothing to do' => function ($s) {
        $t = strtr($s, '~', '#'); $t .= 'X'; $u = strtr($s, []); $u .= 'Y'; return [$s, $t, $u];
    },
    'strtr by it' => fn($s) => strtr('Hello a 42', [$s => 'found', 'H' => $s]),
    'str_replace' => fn($s) => [
        str_replace('e', 'E', $s), str_replace($s, 'found', "x{$s}x"), str_replace('e', $s, 'hey'),
        str_ireplace('E', '*', $s),
    ],
    'str_replace with nothing to do' => function ($s) { $t = str_replace('~~~', '', $s); $t .= 'X'; return [$s, $t]; },
    'str_word_count' => fn($s) => [str_word_count($s), str_word_count($s, 1), str_word_count($s, 2, '0..9')],
    'str_split' => fn($s) => [str_split(substr($s, 0, 40)), str_split($s, 1000)],
    'chunk_split' => fn($s) => [chunk_split($s, 5, '|'), wordwrap($s, 8, "\n", true), nl2br($s)],
    'explode' => fn($s) => [explode(' ', $s), explode('o', $s, 2), explode('o', $s, -1), explode($s ?: ' ', "a{$s}b")],
    'explode with nothing to do' => function ($s) { $a = explode('~', $s); $a[0] .= 'X'; return [$s, $a]; },
    'implode' => fn($s) => [implode($s, [1, 2, 3]), implode(',', [$s, $s]), implode([$s])],
    'implode of one and append' => function ($s) { $t = implode(',', [$s]); $t .= 'X'; return [$s, $t]; },
    'strtok' => function ($s) {
        $a = [strtok($s, " o\n")]; while (count($a) < 20 && ($t = strtok(" o\n")) !== false) { $a[] = $t; }
        return $a;
    },
    'strtok, then written' => function ($s) { $a = [strtok($s, 'o')]; $s = 'gone'; $a[] = strtok('o'); return $a; },
    'str_getcsv' => fn($s) => str_getcsv($s),
    'sscanf' => fn($s) => [sscanf($s, '%s %d'), sscanf('12 apples', $s)],
    'sprintf' => fn($s) => [
        sprintf('%s|%10s|%-10s|%.2s|%d|%x', $s, $s, $s, $s, $s, (int) $s), number_format((float) $s, 2, $s, 'x'),
    ],
    'sprintf by it' => fn($s) => sprintf($s, 1, 2, 3),
    'sprintf of one and append' => function ($s) { $t = sprintf('%s', $s); $t .= 'X'; return [$s, $t]; },
    'vsprintf' => fn($s) => vsprintf('%2$s %1$s', [$s, $s]),
    'printf' => fn($s) => printf('<%s>', $s),
    'html' => fn($s) => [
        htmlspecialchars($s), htmlspecialchars_decode($s), htmlentities($s), html_entity_decode($s), strip_tags($s),
    ],
    'html, double' => fn($s) => [
        htmlspecialchars($s, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8', false),
        htmlentities($s, ENT_QUOTES, 'ISO-8859-1'), strip_tags($s, '<b>'),
    ],
    'slashes' => fn($s) => [
        addslashes($s), stripslashes($s), addcslashes($s, 'A..z'), stripcslashes($s), quotemeta($s),
    ],
    'addslashes with nothing to do' => function ($s) {
        $t = addslashes($s); $t .= 'X'; $u = stripslashes($s); $u .= 'Y'; return [$s, $t, $u];
    },
    'hex and base64' => fn($s) => [
        bin2hex($s), hex2bin(bin2hex($s)), base64_encode($s), base64_decode($s), base64_decode(base64_encode($s)),
    ],
    'hex2bin of it' => fn($s) => hex2bin($s),
    'url' => fn($s) => [
        urlencode($s), urldecode($s), rawurlencode($s), rawurldecode($s), parse_url($s),
        parse_url($s, PHP_URL_HOST),
    ],
    'quoted-printable and uuencode' => fn($s) => [
        quoted_printable_encode($s), quoted_printable_decode($s), convert_uudecode(convert_uuencode($s ?: 'x')),
    ],
    'hashes' => fn($s) => [
        md5($s), sha1($s), crc32($s), hash('sha256', $s), hash('xxh3', $s), hash_hmac('sha256', $s, $s),
        hash('crc32b', $s),
    ],
    'hash named by it' => fn($s) => hash($s, 'data'),
    'hash in steps' => function ($s) {
        $h = hash_init('sha256'); hash_update($h, $s); $i = hash_copy($h); hash_update($h, $s);
        return [hash_final($h), hash_final($i), hash_equals($s, $s)];
    },
    'hash_pbkdf2 and hkdf' => fn($s) => [
        hash_pbkdf2('sha256', $s, $s, 2), bin2hex(hash_hkdf('sha256', $s ?: 'k', 16, $s, $s)),
    ],
    'crypt and password' => fn($s) => [crypt($s, '$1$saltsalt$'), password_verify('x', $s), password_get_info($s)],
    'soundex and metaphone' => fn($s) => [
        soundex($s), metaphone($s), levenshtein(substr($s, 0, 40), 'Hello'),
        similar_text(substr($s, 0, 40), 'Hello'),
    ],
    'strcmp' => fn($s) => [
        strcmp($s, 'Hello') <=> 0, strcasecmp($s, 'HELLO') <=> 0, strncmp($s, 'He', 2) <=> 0,
        strncasecmp($s, 'HE', 2) <=> 0, strcoll($s, 'H') <=> 0,
    ],
    'strnatcmp' => fn($s) => [
        strnatcmp($s, '42'), strnatcasecmp($s, 'HELLO'), strnatcmp($s, $s), version_compare($s, '1.5'),
    ],
    'count_chars' => fn($s) => [count_chars($s, 1), count_chars($s, 3)],
    'ord and chr' => fn($s) => [ord($s), chr((int) $s), dechex(ord($s)), strval(ord($s))],
    'ctype' => fn($s) => function_exists('ctype_alpha') ? [ctype_alpha($s), ctype_digit($s), ctype_space($s), ctype_print($s)] : null,
    'pack' => fn($s) => [
        bin2hex(pack('A10a10Z10', $s, $s, $s)), unpack('C*', substr($s, 0, 8)), bin2hex(pack('H*', bin2hex($s))),
    ],
    'pack by it' => fn($s) => pack($s, 1),
    'number bases' => fn($s) => [bindec($s), hexdec($s), octdec($s), base_convert($s, 16, 2)],
    'utf8' => fn($s) => [@utf8_encode($s), bin2hex(@utf8_decode($s))],
    'iconv' => fn($s) => function_exists('iconv') ? [@iconv('UTF-8', 'UTF-16LE', $s), iconv_strlen('a')] : null,
    'is_numeric of its parts' => fn($s) => array_map('is_numeric', str_split($s ?: 'x', 2)),
    'nl2br, HTML' => fn($s) => nl2br($s, false),
    'str_shuffle' => fn($s) => str_shuffle($s),
    'str_rot13 of the value itself' => str_rot13(...),
    'strval' => strval(...),
    'cases, one after the other' => fn($s) => [ucwords(strtolower($s)), ltrim(strrev($s)), lcfirst(ucfirst($s))],
    'dates' => fn($s) => [
        gmdate($s, 86400), strtotime($s) === strtotime($s), date_parse($s)['error_count'],
        checkdate(1, 1, (int) $s ?: 1),
    ],
    'DateTime' => fn($s) => (new DateTimeImmutable($s, new DateTimeZone('UTC'))) instanceof DateTimeInterface,
    'DateTime::format' => fn($s) => (new DateTime('2024-02-29 UTC'))->format($s),
    'DateTime::modify' => fn($s) => @(new DateTime('2024-02-29 UTC'))->modify($s) instanceof DateTime,
    'DateTime::createFromFormat' => fn($s) => DateTime::createFromFormat($s, '2024') instanceof DateTime,
    'DateTimeZone' => fn($s) => (new DateTimeZone($s))->getName(),
    'DateInterval' => fn($s) => new DateInterval($s),
    'timezones' => fn($s) => [
        @date_default_timezone_set($s), date_default_timezone_get(), date_default_timezone_set('UTC'),
        timezone_name_from_abbr($s),
    ],
    'filter_var' => fn($s) => [
        filter_var($s, FILTER_VALIDATE_INT), filter_var($s, FILTER_VALIDATE_FLOAT),
        filter_var($s, FILTER_VALIDATE_BOOL), filter_var($s, FILTER_VALIDATE_URL),
    ],
    'filter_var, cleaning' => fn($s) => [
        filter_var($s, FILTER_SANITIZE_SPECIAL_CHARS), filter_var($s, FILTER_SANITIZE_NUMBER_INT),
        filter_var($s, FILTER_UNSAFE_RAW, FILTER_FLAG_STRIP_HIGH), filter_var($s),
    ],
    'paths' => fn($s) => [basename($s), dirname($s), pathinfo($s), fnmatch('*o*', $s), fnmatch($s, 'Hello')],
    'ip addresses' => fn($s) => [ip2long($s), @inet_pton($s), long2ip((int) $s)],
    'file tests' => fn($s) => [is_file($s), is_dir($s), file_exists($s), is_link($s), realpath($s)],
    'compress' => fn($s) => function_exists('gzcompress') ? [gzuncompress(gzcompress($s)) === $s, gzinflate(gzdeflate($s)) === $s, @gzdecode($s)] : null,
    'openssl' => fn($s) => function_exists('openssl_digest') ? [openssl_digest($s, 'sha256'), @openssl_encrypt($s, 'aes-128-cbc', $s, 0, '0123456789abcdef')] : null,
    'token_get_all' => fn($s) => function_exists('token_name') ? token_get_all("<?php $s") : null,
    'highlight_string' => fn($s) => highlight_string($s, true),
    'memory stream' => function ($s) {
        $f = fopen('php://memory', 'w+'); fwrite($f, $s); fwrite($f, $s); rewind($f);
        return [fgets($f), stream_get_contents($f)];
    },
    'data stream' => fn($s) => file_get_contents('data:text/plain;base64,' . base64_encode($s)),
    'stream filter' => function ($s) {
        $f = fopen('php://temp', 'w+'); stream_filter_append($f, 'string.toupper'); fwrite($f, $s); rewind($f);
        return stream_get_contents($f);
    },
    'stream_get_line' => function ($s) {
        $f = fopen('php://memory', 'w+'); fwrite($f, "$s-$s"); rewind($f); return stream_get_line($f, 0, $s);
    },
    'read into it' => function ($s) {
        $f = fopen('php://memory', 'w+'); fwrite($f, 'content'); rewind($f); $t = $s; $s = fread($f, 3);
        return [$s, $t];
    },
    'escapeshellarg' => fn($s) => escapeshellarg($s),
    'escapeshellcmd' => fn($s) => escapeshellcmd($s),
]);
?>
--EXPECT--
done
