--TEST--
Enum cases come back as the same case
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-enums${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

enum Suit: string
{
    case Hearts = 'h';
    case Spades = 's';
}
enum Plain
{
    case One;
}
cache_store('case', Suit::Hearts);
cache_store('inside', ['suit' => Suit::Spades, 'plain' => Plain::One]);
var_dump(cache_fetch('case') === Suit::Hearts);
$inside = cache_fetch('inside');
var_dump($inside['suit'] === Suit::Spades, $inside['plain'] === Plain::One);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
