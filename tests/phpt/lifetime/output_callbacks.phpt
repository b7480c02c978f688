--TEST--
Fetched values are right in output callbacks that run when the request ends
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-output-callbacks${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Suffix
{
    public function __construct(private array $values) {}
    public function add(string $buffer, int $phase): string
    {
        if ($phase & PHP_OUTPUT_HANDLER_FINAL) {
            reuse();
            $buffer .= 'method: ' . verdict($this->values) . "\n";
        }
        return $buffer;
    }
}

function byName(string $buffer): string
{
    reuse();
    return $buffer . "function by a fetched name\n";
}

$values = fetchOriginals();
ob_start(function ($buffer) use ($values) {
    reuse();
    return $buffer . 'closure: ' . verdict($values) . "\n";
});
ob_start([new Suffix(fetchOriginals()), 'add'], 64);
ob_start(fetched('byName'));
output_add_rewrite_var(fetched('name'), fetched('value of some length'));
$text = fetched(str_repeat("buffered\n", 20));
reuse();
echo $text, '<form>', "\n";
unset($text, $values);
?>
--EXPECT--
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
buffered
<form><input type="hidden" name="name" value="value of some length" />
function by a fetched name
method: right
closure: right
