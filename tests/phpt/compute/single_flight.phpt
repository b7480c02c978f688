--TEST--
Of many processes that miss at once one makes the value, and all get it
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-single-flight${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

for ($round = 0; $round < 4; $round++) {
    $children = [];
    for ($n = 0; $n < 8; $n++) {
        $children[] = new Relative(function (Line $line) use ($round) {
            $line->wait();
            $value = cache_compute("key $round", function () use ($round, $line) {
                cache_inc("calls $round");
                $line->say('making');
                $line->wait();
                return [getmypid(), str_repeat('made', 1000)];
            }, wait: 60, lease_ttl: 60);
            $line->say(md5(json_encode($value)));
        });
    }
    foreach ($children as $child) {
        $child->let();
    }
    /* Nobody has a value while it is being made. */
    $sockets = array_map(fn(Relative $child) => $child->socket, $children);
    $write = $except = null;
    stream_select($sockets, $write, $except, 30);
    $maker = key($sockets);
    $said = [$children[$maker]->hear()];
    usleep(20_000);
    $sockets = array_map(fn(Relative $child) => $child->socket, $children);
    $said[] = stream_select($sockets, $write, $except, 0);
    $children[$maker]->let();
    $values = array_map(fn(Relative $child) => $child->hear() . $child->wait(), $children);
    if ($said !== ['making', 0] || count(array_unique($values)) !== 1 || cache_fetch("calls $round") !== 1
        || $values[0] !== md5(json_encode(cache_fetch("key $round")))) {
        var_dump($said, $values, cache_fetch("calls $round"));
    }
}
echo "done\n";
?>
--EXPECT--
done
