--TEST--
The counters count
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-info-counters${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function counted(callable $call): void
{
    $before = cache_info(true);
    $call();
    $after = cache_info(true);
    foreach (['hits', 'stores', 'adds_refused', 'updates', 'deletes', 'clears'] as $name) {
        if ($after[$name] !== $before[$name]) {
            echo $name, sprintf(' %+d ', $after[$name] - $before[$name]);
        }
    }
    foreach ($after['misses'] as $name => $count) {
        if ($count !== $before['misses'][$name]) {
            echo "misses $name ", sprintf('%+d ', $count - $before['misses'][$name]);
        }
    }
    echo "\n";
}
counted(fn() => cache_store('a', 1));
counted(fn() => cache_fetch('a'));
counted(fn() => cache_exists('a'));
counted(fn() => cache_fetch(['a', 'b']));
counted(fn() => cache_add('a', 1));
counted(fn() => cache_inc('a'));
counted(fn() => cache_cas('a', 2, 3));
counted(fn() => cache_delete('a'));
counted(fn() => cache_store('short', 1, 0.01, 60) && usleep(30000));
counted(fn() => cache_fetch('short'));
counted(fn() => cache_clear());
?>
--EXPECT--
stores +1 
hits +1 
hits +1 
hits +1 misses absent +1 
adds_refused +1 
updates +1 
updates +1 
deletes +1 
stores +1 
misses expired +1 
clears +1 
