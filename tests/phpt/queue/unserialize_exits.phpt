--TEST--
A job whose __unserialize() ends the program is not lost
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-unserialize-exits${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

class Ends
{
    public function __serialize(): array { return []; }
    public function __unserialize(array $data): void {}
}
cache_queue_push('q', 'k', new Ends);
foreach (['exit;', 'ini_set("display_errors", "0"); ini_set("log_errors", "0"); trigger_error("", E_USER_ERROR);'] as $end) {
    $class = "class Ends { public function __unserialize(array \$data): void { echo 'ends '; $end } }";
    echo runPhp($class . 'cache_queue_pop("q", 30); echo "not reached";'), "\n";
    /* Failed, or given back by the end of the process. */
    echo info('q', 'running', 'dead'), "\n";
}
echo told($job = cache_queue_pop('q', 30)), "\n";
var_dump(cache_queue_ack($job['id'], $job['token']));
?>
--EXPECT--
ends 
{"running":0,"dead":0}
ends 
{"running":0,"dead":0}
q/k, run 3: {}
bool(true)
