--TEST--
A stored value takes nothing else of the process's memory along
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.size=16M
cache.segment=test-security-private-memory${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

// Four bytes: as many as there are in the part of a zval that has no meaning in most places.
$marker = "\xa7\x5c\xe3\x91";
final class Record
{
    public $a;
    public $b = [];
}
function scatter(string $marker): void
{
    for ($size = 2; $size <= 760; $size += 2) { // blocks of all sizes
        $blocks[] = str_repeat($marker, $size);
    }
}

for ($i = 0; $i < 300; $i++) {
    scatter($marker); // what is allocated next has these bytes in it
    $record = new Record;
    $record->b = array_fill_keys(range(0, $i % 40), "value $i");
    unset($record->b[0], $record->b[3]);
    cache_store("string $i", str_repeat('s', $i * 13 % 5000));
    cache_store("list $i", array_map('strval', range(0, $i % 50)));
    cache_store("numbers $i", range(0, $i % 50));
    cache_store("map $i", $record->b);
    cache_store("object $i", [$record, new ArrayObject([$i])]);
    cache_queue_push('queue', "job $i", ['payload' => $i]);
}
$bytes = file_get_contents(cache_info(true)['segment']['path']);
var_dump(cache_info(true)['entries'], substr_count($bytes, 'value 299') > 0, substr_count($bytes, $marker));
?>
--EXPECT--
int(1500)
bool(true)
int(0)
