--TEST--
A reader gets objects of any class that it has: constructors do not run, __wakeup(), __unserialize() and destructors do; a class it lacks or that differs is not made
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-security-classes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

// Another application of the same user, which shares the segment.
echo runPhp('
    class Plain { public $text = "from A"; public function __construct() { echo "constructed in A\n"; } }
    class Other { public $a = 1; }
    class Unknown { public $a = 1; }
    class Woken { public $text = "from A"; public function __wakeup() {} }
    class Made { public $text = "from A"; public function __serialize(): array { return [1]; } public function __unserialize(array $data): void {} }
    var_dump(cache_store(["plain" => new Plain, "other" => new Other, "unknown" => new Unknown, "woken" => new Woken, "made" => new Made]));
');

class Plain
{
    public $text = 'of B';
    public function __construct() { echo "never seen: constructed in B\n"; }
    public function __destruct() { echo "destroyed in B: $this->text\n"; }
}
class Other
{
    public $a = 1;
    public $b = 2;
    public function __destruct() { echo "never seen\n"; }
}
class Woken
{
    public $text;
    public function __wakeup() { echo "woken in B: $this->text\n"; }
}
class Made
{
    public function __unserialize(array $data): void { echo "made in B\n"; }
}
spl_autoload_register(function (string $class) { echo "asked for $class\n"; });

foreach (['plain', 'woken', 'made'] as $key) {
    echo get_debug_type(cache_fetch($key)), "\n";
}
var_dump(@cache_fetch('other'), @cache_fetch('unknown'));
?>
--EXPECTF--
constructed in A
array(0) {
}
destroyed in B: from A
Plain
woken in B: from A
Woken
made in B
Made
%Scache: class Other is not what it was when an object of it was stored, or is not to be had: such entries count as missing
asked for Unknown
bool(false)
bool(false)
