--TEST--
A child for which the segment has no place reads what its parent fetched, also when that has ended
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-no-slot-left${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

require __DIR__ . '/../process.inc';

$ini = ['cache.segment' => ini_get('cache.segment') . '-2', 'cache.max_processes' => '1'];
$code = 'require ' . var_export(__DIR__ . '/family.inc', true) . ';' . <<<'PHP'
    cache_clear();
    $values = fetchOriginals();
    [$parent, $child] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    if (pcntl_fork() === 0) {
        fclose($parent);
        reuse();
        echo 'with its parent: ', verdict($values), "\n";
        fwrite($child, "\n");
        /* The other end is closed when the parent has ended. */
        fgets($child);
        for ($i = 0; $i < 3; $i++) {
            reuse();
            echo 'without: ', verdict($values), "\n";
        }
        exit;
    }
    fclose($child);
    fgets($parent);
    PHP;
echo runPhp($code, $ini);
echo runPhp('unlink(cache_info(true)["segment"]["path"]);', $ini);
?>
--EXPECT--
with its parent: right
without: right
without: right
without: right
