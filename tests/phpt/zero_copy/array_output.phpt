--TEST--
A fetched array is shown, encoded and compared as an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-output${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

$near = ['name' => 'Ada', 'key made at run time' => 1, 'none' => null];

compareOperations(arrayValues(), [
    'var_dump' => fn($a) => var_dump($a),
    'var_dump of the value itself' => var_dump(...),
    'var_dump of several' => fn($a) => var_dump([$a, 'x' => $a, &$a]),
    'print_r' => fn($a) => print_r($a, true),
    'print_r of the value itself' => print_r(...),
    'var_export' => fn($a) => var_export($a, true),
    'echo' => function ($a) { echo $a; },
    'serialize' => fn($a) => serialize($a),
    'serialize twice' => fn($a) => serialize([$a, $a]),
    'serialize with a reference' => function ($a) { $b = [&$a, &$a]; return serialize($b); },
    'unserialize' => function ($a) { $b = unserialize(serialize($a)); $b[] = 1; return [$a, $b]; },
    'json_encode' => fn($a) => [json_encode($a), json_last_error_msg()],
    'json_encode, pretty' => fn($a) => json_encode($a, JSON_PRETTY_PRINT | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE),
    'json_encode, partial' => fn($a) => json_encode($a, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_NUMERIC_CHECK | JSON_FORCE_OBJECT),
    'json_encode, depth' => fn($a) => json_encode($a, JSON_THROW_ON_ERROR, 2),
    'json_encode of JsonSerializable' => fn($a) => json_encode(new class($a) implements JsonSerializable {
        public function __construct(private array $data) {}
        public function jsonSerialize(): array { $this->data['x'] = 1; return $this->data; }
    }, JSON_PARTIAL_OUTPUT_ON_ERROR),
    'json_decode' => fn($a) => json_decode(json_encode($a, JSON_PARTIAL_OUTPUT_ON_ERROR), true),
    'http_build_query' => fn($a) => [http_build_query($a), http_build_query($a, 'n_', '&amp;', PHP_QUERY_RFC3986)],
    'parse_str back' => function ($a) { parse_str(http_build_query($a), $b); $b[] = 1; return $b; },
    'type' => fn($a) => gettype($a) . get_debug_type($a),
    'fputcsv' => function ($a) {
        $f = fopen('php://memory', 'w+'); fputcsv($f, array_filter($a, 'is_scalar')); rewind($f);
        return stream_get_contents($f);
    },
    'fwrite of elements' => function ($a) {
        $f = fopen('php://temp', 'w+'); foreach ($a as $v) { is_string($v) && fwrite($f, $v); } rewind($f);
        return stream_get_contents($f);
    },
    'file_put_contents of an array' => fn($a) => file_put_contents('php://memory', array_filter($a, 'is_scalar')),
    'stream filter parameters' => function ($a) {
        $f = fopen('php://memory', 'w+');
        return is_resource(@stream_filter_append($f, 'convert.base64-encode', STREAM_FILTER_WRITE, $a));
    },
    'printf' => fn($a) => vprintf("%s|%'*10s|%d\n", array_values(array_filter($a, 'is_scalar'))),
    'assert' => fn($a) => assert($a === $a),
    'error_log message' => fn($a) => trigger_error(implode(',', array_filter($a, 'is_scalar'))),
    'equal' => fn($a) => [$a == $a, $a == [...$a], $a == array_reverse($a, true), $a == $near, $near == $a, $a == []],
    'identical' => fn($a) => [
        $a === $a, $a === unserialize(serialize($a)), $a === array_reverse($a, true), $a === $near, $a === [],
    ],
    'spaceship' => fn($a) => [
        $a <=> $a, $a <=> array_reverse($a, true), $a <=> $near, $near <=> $a, $a <=> [1], $a <=> null,
        $a <=> 'string', $a <=> 5,
    ],
    'less' => fn($a) => [$a < $near, $a > $near, $a <= $a, $a >= [], $a < [1, 2, 3]],
    'equal, written copy' => function ($a) { $b = $a; $b[] = 1; return [$a == $b, $a === $b, $a <=> $b]; },
    'equal, a copy that was written back' => function ($a) {
        $b = $a; $b['temporary'] = 1; unset($b['temporary']); return [$a == $b, $a === $b];
    },
    'compared with other types' => fn($a) => [
        $a == true, $a == null, $a == '', $a == 0, $a == 'Array', $a and true, !$a,
    ],
    'elements compared with themselves' => fn($a) => array_map(fn($v) => [$v == $v, $v === $v, $v <=> $v], $a),
    'elements compared with each other' => fn($a) => array_map(fn($x, $y) => [$x == $y, $x === $y, $x <=> $y], $a, array_reverse($a)),
    'equal to its own parts' => fn($a) => [($a['one'] ?? 0) === ($a['two'] ?? 1), ($a['f'][0] ?? 0) === [1, 2]],
    'hash of its serialization' => fn($a) => md5(serialize($a)),
    'igbinary' => fn($a) => function_exists('igbinary_serialize') ? igbinary_unserialize(igbinary_serialize($a)) : null,
    'msgpack' => fn($a) => function_exists('msgpack_pack') ? msgpack_unpack(msgpack_pack($a)) : null,
    'stored again' => function ($a) {
        cache_store('again', $a); $b = cache_fetch('again'); $b[] = 1;
        return [$a, $b, cache_fetch('again') === $a, cache_delete('again')];
    },
    'stored again in an array' => function ($a) {
        cache_store('again', [$a, 'x' => [$a]]); $b = cache_fetch('again'); $b['x'][0][] = 1; return [$a, $b];
    },
    'stored again in an object' => function ($a) {
        cache_store('again', new ArrayObject($a)); return cache_fetch('again')->getArrayCopy();
    },
    'its elements stored' => function ($a) {
        $b = []; foreach ($a as $v) { cache_store('again', $v); $b[] = cache_fetch('again') === $v; } return $b;
    },
    'its elements as keys of the cache' => function ($a) {
        $b = [];
        foreach (array_filter($a, fn($v) => is_string($v) && $v !== '') as $v) { cache_store("k $v", $v); $b[] = cache_fetch("k $v") === $v; cache_delete("k $v"); }
        return $b;
    },
    'array of keys to fetch' => fn($a) => cache_fetch(array_values(array_filter($a, fn($v) => is_string($v) && $v !== ''))),
    'tags' => fn($a) => cache_store('again', 1, tags: array_values($a)),
    'var_export of a nested write' => function ($a) { $a['f'][0]['x'] = 1; return var_export($a, true); },
    'print_r of a recursive one' => function ($a) { $a['self'] = &$a; return print_r($a, true); },
    'var_dump of a recursive one' => function ($a) { $a['self'] = &$a; var_dump($a); },
    'count of a recursive one' => function ($a) { $a['self'] = &$a; return count($a, COUNT_RECURSIVE); },
    'json_encode of a recursive one' => function ($a) {
        $a['self'] = &$a; return [json_encode($a), json_last_error_msg()];
    },
    'compare of recursive ones' => function ($a) {
        $b = $a; $a['self'] = &$a; $b['self'] = &$b; return isset($a['self']['self']) && isset($b['self']['self']);
    },
]);
?>
--EXPECT--
done
