--TEST--
A push whose __serialize() ends the program queues nothing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-serialize-exits${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$class = 'class Exits { public function __serialize(): array { echo "ends "; exit; } }';
echo runPhp($class . 'cache_queue_push("q", "k", new Exits); echo "not reached";'), "\n";
$class = 'class Fatal { public function __serialize(): array { ini_set("display_errors", "0"); ini_set("log_errors", "0"); not_there(); } }';
echo runPhp($class . 'cache_queue_push("q", "k", [1, new Fatal]); echo "not reached";'), "\n";
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
ends 

none
