--TEST--
Nothing of a request holds memory in the next one, and nothing of the values is left
--EXTENSIONS--
cache
--SKIPIF--
<?php
require __DIR__ . '/../fpm.inc';
if (!fpmBinary()) {
    die('skip needs a php-fpm of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-next-request${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';

$fpm = new Fpm([
    'cache.segment' => ini_get('cache.segment'),
    'cache.size' => ini_get('cache.size'),
    'cache.max_pinned' => ini_get('cache.max_pinned'),
], 1);
$code = 'require ' . var_export(__DIR__ . '/lifetime.inc', true) . ';' . <<<'PHP'
    $before = cache_info(true)['memory']['pinned'];
    static $kept;
    $kept = fetchOriginals($seed);
    for ($i = 0; $i < 3; $i++) {
        $more[$i] = fetchOriginals($seed + $i);
        reuse();
    }
    echo $before, ' ', verdict($kept, $seed), ' ', verdict($more[0], $seed), ' ', verdict($more[2], $seed + 2), ' ', ini_get('user_agent');
    ini_set('user_agent', fetched("agent $seed"));
    PHP;
$answers = [];
for ($seed = 0; $seed < 40; $seed++) {
    $answers[] = $fpm->run("\$seed = $seed; $code");
}
print_r(array_count_values($answers));
?>
--EXPECT--
Array
(
    [0 right right right ] => 40
)
