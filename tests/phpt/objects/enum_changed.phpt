--TEST--
A case that is gone makes the entry missing; the others are the cases themselves
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-enum-changed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$store = 'enum Suit: string { case Hearts = "h"; case Spades = "s"; const Best = self::Spades; }';
echo runPhp($store . 'var_dump(cache_store("h", Suit::Hearts), cache_store("list", [Suit::Spades, Suit::Hearts, Suit::Spades]));');
echo runPhp($store . 'var_dump(cache_fetch("h") === Suit::Hearts, cache_fetch("list") === [Suit::Spades, Suit::Hearts, Suit::Spades]);');
echo runPhp('enum Suit: int { case Spades = 1; case Clubs = 2; const Hearts = self::Clubs; } var_dump(cache_fetch("h"), cache_fetch("list"));', ['error_log' => '/dev/null']);
echo runPhp('enum Suit { case Clubs; case Hearts; } var_dump(cache_fetch("h") === Suit::Hearts);');
echo runPhp('class Suit { } var_dump(cache_fetch("h"));', ['error_log' => '/dev/null']);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(false)
bool(false)
bool(true)
bool(false)
