--TEST--
The cache works in destructors and shutdown functions
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-destructor${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Late
{
    public function __destruct()
    {
        var_dump(cache_fetch('key'), cache_store('late', [1]), cache_fetch('late'));
    }
}
cache_store('key', 'value');
$GLOBALS['late'] = new Late;
(function () {
    static $kept;
    $kept = new Late;
})();
?>
--EXPECT--
string(5) "value"
bool(true)
array(1) {
  [0]=>
  int(1)
}
string(5) "value"
bool(true)
array(1) {
  [0]=>
  int(1)
}
