--TEST--
An exception handler gets the exception with its fetched message after the memory was written anew
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-exception-handler${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

function handler(Throwable $thrown): void
{
    reuse();
    echo get_class($thrown), ': ', $thrown->getMessage(), "\n";
    echo $thrown->getPrevious()->getMessage(), "\n";
    var_dump(verdict($thrown->values));
}

class Holding extends Error
{
    public array $values;
}

set_exception_handler(fetched('handler'));
try {
    throw new LogicException(fetched('previous message of some length'));
} catch (LogicException $previous) {
    $error = new Holding(fetched('message of some length'), 0, $previous);
    $error->values = fetchOriginals();
}
unset($previous);
reuse();
throw $error;
?>
--EXPECT--
Holding: message of some length
previous message of some length
string(5) "right"
