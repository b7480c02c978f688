--TEST--
Fetched values are right in fibers that are suspended when the request ends
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-fibers${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

$body = function (string $name, array $values): void {
    try {
        $more = Fiber::suspend($values);
        echo "$name went on: ", verdict($more), "\n";
        Fiber::suspend();
    } finally {
        reuse();
        echo "$name: ", verdict($values), isset($more) ? ', ' . verdict($more) : '', "\n";
    }
};

$suspended = new Fiber($body);
$suspended->start('suspended', fetchOriginals());
$resumed = new Fiber($body);
$back = $resumed->start('resumed', fetchOriginals());
reuse();
$resumed->resume(fetchOriginals());
echo 'handed out: ', verdict($back), "\n";
$inner = new Fiber(function () use ($body) {
    $fiber = new Fiber($body);
    $fiber->start('inner', fetchOriginals());
    Fiber::suspend();
});
$inner->start();
reuse();
unset($back, $suspended, $inner);
echo "end\n";
?>
--EXPECT--
resumed went on: right
handed out: right
suspended: right
inner: right
end
resumed: right, right
