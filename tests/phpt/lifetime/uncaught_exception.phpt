--TEST--
An uncaught exception shows the fetched message, and what it holds is right
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-uncaught-exception${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Holding extends Exception
{
    public function __construct(string $message, private array $values)
    {
        parent::__construct($message, 0, new Exception(fetched('previous message')));
    }
    public function __destruct()
    {
        reuse();
        echo 'destructor: ', verdict($this->values), "\n";
    }
}

register_shutdown_function(function () {
    reuse();
    var_dump(str_contains(error_get_last()['message'], "Holding: fetched message of some length in "));
});
$thrown = new Holding(fetched('fetched message of some length'), fetchOriginals());
reuse();
throw $thrown;
?>
--EXPECTF--

Fatal error: Uncaught Exception: previous message in %s:%d
Stack trace:
#0 %s(%d): Holding->__construct('fetched message...', Array)
#1 {main}

Next Holding: fetched message of some length in %s:%d
Stack trace:
#0 {main}
  thrown in %s on line %d
bool(true)
destructor: right
