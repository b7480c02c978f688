--TEST--
A job that was serialized by what is not loaded here is failed, and told in the log
--EXTENSIONS--
cache
igbinary
--INI--
cache.enable_cli=1
cache.segment=test-queue-serializer-not-loaded${CACHE_TEST_RUN}
cache.serializer=igbinary
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', [1, 2]);
cache_queue_push('q', 'text', 'needs none');
$code = '$job = cache_queue_pop("q"); cache_queue_ack($job["id"], $job["token"]); echo $job["payload"], "\n";';
/* A function that is disabled is not to be had any more than one of an extension that is not there. */
echo preg_replace('/^.*cache: /m', 'cache: ', runPhp($code, ['disable_functions' => 'igbinary_unserialize', 'log_errors' => '1', 'error_log' => '']));
echo info('q', 'delayed', 'failed'), "\n";
echo told(cache_queue_pop('q', 30)), "\n";
?>
--EXPECT--
cache: entries serialized by igbinary count as missing: it is not loaded
needs none
{"delayed":1,"failed":1}
q/k, run 2: [1,2]
