--TEST--
Writing into a fetched string does what it does to an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-string-write${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

class Texts
{
    public string $typed = '';
    public ?string $nullable = null;
    public int|string $number = 0;
    public static string $static = '';
}

function appendTo(string &$string): void
{
    $string .= ' appended';
}

compareOperations(stringValues(), [
    'offset' => function ($s) { $s[0] = 'X'; return $s; },
    'offset, same byte' => function ($s) { $s[0] = $s[0]; return $s; },
    'offset, last' => function ($s) { $s[-1] = 'X'; return $s; },
    'offset, behind the end' => function ($s) { $s[strlen($s) + 3] = 'X'; return $s; },
    'offset, too far in front' => function ($s) { $s[-30000] = 'X'; return $s; },
    'offset, several bytes' => function ($s) { $s[0] = 'XYZ'; return $s; },
    'offset, no byte' => function ($s) { $s[0] = ''; return $s; },
    'offset, all bytes' => function ($s) {
        for ($i = 0; $i < min(50, strlen($s)); $i++) { $s[$i] = chr($i); } return $s;
    },
    'offset of a copy' => function ($s) { $t = $s; $t[0] = 'X'; return [$s, $t]; },
    'offset of the original of a copy' => function ($s) { $t = $s; $s[0] = 'X'; return [$s, $t]; },
    'offset through a reference' => function ($s) { $r = &$s; $r[0] = 'X'; return [$s, $r]; },
    'offset of a property' => function ($s) {
        $o = new Texts; $o->typed = $s; $o->typed[0] = 'X'; return [$s, $o->typed];
    },
    'offset of an element' => function ($s) { $a = ['x' => $s]; $a['x'][0] = 'X'; return [$s, $a]; },
    'offset in foreach by reference' => function ($s) {
        $a = [$s, $s]; foreach ($a as &$t) { $t[0] = 'X'; } return [$s, $a];
    },
    'offset, read' => fn($s) => [
        $s[0] ?? null, $s[-1] ?? null, $s[1000] ?? 'none', isset($s[2]), isset($s['x']), empty($s[0]),
    ],
    'offset, read what is not there' => fn($s) => $s[99999],
    'offset by a wrong key' => fn($s) => $s['x'],
    'offset by a numeric string' => fn($s) => $s['1'],
    'offset unset' => function ($s) {
        try { return eval('unset($s[0]); return $s;'); } catch (Error $e) { return $e->getMessage(); }
    },
    'offset as an array' => function ($s) { $s[0][0] = 'X'; return $s; },
    'offset appended' => function ($s) { $s[] = 'X'; return $s; },
    'offset by reference' => function ($s) { $r = &$s[0]; return $r; },
    'property of it' => fn($s) => $s->property,
    'method of it' => fn($s) => $s->method(),
    'append' => function ($s) { $s .= 'X'; $s .= 'Y'; return $s; },
    'append nothing' => function ($s) { $t = $s; $t .= ''; $t .= 'X'; return [$s, $t]; },
    'append itself' => function ($s) { $s .= $s; $s .= $s; return strlen($s) < 1000 ? $s : md5($s); },
    'append to nothing' => function ($s) { $t = ''; $t .= $s; $t .= 'X'; return [$s, $t]; },
    'append a number' => function ($s) { $s .= 5; $s .= 1.5; $s .= true; return $s; },
    'append in a loop' => function ($s) { for ($i = 0; $i < 100; $i++) { $s .= $i; } return $s; },
    'append by reference' => function ($s) { $t = $s; appendTo($t); return [$s, $t]; },
    'append to a property' => function ($s) {
        $o = new Texts; $o->typed = $s; $o->typed .= 'X'; $o->nullable = $s; appendTo($o->nullable);
        return [$s, $o];
    },
    'append to a static property' => function ($s) {
        Texts::$static = $s; Texts::$static .= 'X'; return [$s, Texts::$static];
    },
    'append to an element' => function ($s) { $a = [$s, 'x' => $s]; $a['x'] .= 'X'; $a[0] .= $s; return [$s, $a]; },
    'append to a static variable' => fn($s) => (function ($x) { static $kept; $kept = $x; $kept .= 'X'; return [$x, $kept]; })($s),
    'append to a global' => function ($s) {
        $GLOBALS['text'] = $s; $GLOBALS['text'] .= 'X'; return [$s, $GLOBALS['text']];
    },
    'append in a closure' => function ($s) { $f = function () use (&$s) { $s .= 'X'; }; $f(); $f(); return $s; },
    'concatenation' => fn($s) => [$s . 'X', 'X' . $s, $s . $s, $s . 5, 1.5 . $s, $s . '', '' . $s, $s . null],
    'concatenation into itself' => function ($s) { $s = $s . 'X'; $s = 'Y' . $s; $s = "[$s]"; return $s; },
    'interpolation' => fn($s) => ["$s", "{$s}", "<$s>", "$s$s", <<<TEXT
        text $s
        {$s[0]}
        TEXT],
    'increment' => function ($s) { $s++; return $s; },
    'increment in front' => function ($s) { return [++$s, $s]; },
    'increment of a copy' => function ($s) { $t = $s; $t++; return [$s, $t]; },
    'increment, several times' => function ($s) { for ($i = 0; $i < 30; $i++) { $s++; } return $s; },
    'increment of an element' => function ($s) { $a = [$s]; $a[0]++; ++$a[0]; return [$s, $a]; },
    'increment of a property' => function ($s) { $o = new Texts; $o->typed = $s; $o->typed++; return [$s, $o]; },
    'increment of a typed property' => function ($s) {
        $o = new Texts; $o->number = $s; $o->number++; return [$s, $o];
    },
    'increment through a reference' => function ($s) { $r = &$s; $r++; return $s; },
    'decrement' => function ($s) { $t = $s--; --$s; return [$s, $t]; },
    'str_increment' => fn($s) => function_exists('str_increment') ? str_increment($s) : null,
    'arithmetic' => fn($s) => [is_numeric($s) ? [$s + 1, $s * 2, $s / 4, -$s, +$s, $s ** 2, $s % 5] : null],
    'arithmetic on anything' => fn($s) => $s + 1,
    'arithmetic assignment' => function ($s) { $s *= 2; return $s; },
    'bitwise with a string' => fn($s) => [$s | ' ', $s & "\x5f", $s ^ ' ', $s ^ $s, ~$s],
    'bitwise with a string of its length' => fn($s) => bin2hex($s | strrev($s)) . bin2hex($s & strrev($s)),
    'bitwise assignment' => function ($s) { $t = $s; $t |= '   '; $s ^= '   '; return [bin2hex($s), bin2hex($t)]; },
    'bitwise with an integer' => fn($s) => $s | 1,
    'shift' => fn($s) => $s << 1,
    'conversion' => fn($s) => [(bool) $s, (int) $s, (float) $s, (array) $s, (object) $s, (string) $s, !$s],
    'conversion by functions' => fn($s) => [
        intval($s), intval($s, 16), intval($s, 0), floatval($s), boolval($s), strval($s), is_numeric($s),
    ],
    'settype' => function ($s) {
        $t = $s; settype($t, 'int'); $u = $s; settype($u, 'array'); $u[] = 1; return [$s, $t, $u];
    },
    'typed as an integer' => fn($s) => (fn(int $n) => $n)($s),
    'typed as a float' => fn($s) => (fn(?float $n) => $n)($s),
    'typed as a boolean' => fn($s) => (fn(bool $b) => $b)($s),
    'typed property' => function ($s) { $o = new Texts; $o->number = $s; $o->typed = $s; return $o; },
    'typed reference' => function ($s) {
        $o = new Texts; $o->typed = $s; $r = &$o->typed; $r = 5; $r .= 'X'; return [$s, $o];
    },
    'swap' => function ($s) { $t = 'other'; [$s, $t] = [$t, $s]; $t .= 'X'; return [$s, $t]; },
    'list of a string' => function ($s) { [$a, $b] = $s; return [$a, $b]; },
    'null coalescing assign' => function ($s) { $s ??= 'other'; $t = null; $t ??= $s; $t .= 'X'; return [$s, $t]; },
    'many copies' => function ($s) {
        $a = array_fill(0, 40, $s); foreach ($a as $i => &$t) { $t .= $i; } return [$s, $a[0], $a[39]];
    },
    'sscanf into it' => function ($s) { $t = $s; sscanf('12 apples', '%d %s', $s, $u); return [$s, $t, $u]; },
    'preg_match into it' => function ($s) { $t = $s; preg_match('/./s', $t, $s); return [$s, $t]; },
    'parse_str into it' => function ($s) { $t = $s; parse_str($t, $s); return [$s, $t]; },
    'str_replace counting into it' => function ($s) { $t = str_replace('e', 'E', $s, $s); return [$s, $t]; },
    'similar_text into it' => function ($s) { similar_text(substr($s, 0, 50), 'Hello', $s); return round($s, 6); },
]);
?>
--EXPECT--
done
