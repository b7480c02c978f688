--TEST--
__serialize, __unserialize, __sleep and __wakeup are called
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-magic-methods${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Modern
{
    public $data = 1;
    public $secret;
    public function __construct() { $this->secret = fn() => 1; }
    public function __serialize(): array { echo "serialize\n"; return ['d' => $this->data]; }
    public function __unserialize(array $data): void { echo "unserialize\n"; $this->data = $data['d'] + 1; }
}
class Classic
{
    public $kept = 1;
    public $dropped;
    public function __construct() { $this->dropped = STDOUT; }
    public function __sleep() { echo "sleep\n"; return ['kept']; }
    public function __wakeup() { echo "wakeup\n"; $this->dropped = 'woken'; }
}
var_dump(cache_store('modern', new Modern), cache_store('classic', [new Classic]));
var_dump(cache_fetch('modern')->data, cache_fetch('classic')[0]->dropped);
?>
--EXPECT--
serialize
sleep
bool(true)
bool(true)
unserialize
wakeup
int(2)
string(5) "woken"
