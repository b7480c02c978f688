--TEST--
Patterns that were fetched in one request match in later ones of the same process
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
cache.segment=test-lifetime-patterns${CACHE_TEST_RUN}
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
    /* Some patterns come again in each request, some only once: PCRE's cache has them from requests before. */
    $wrong = 0;
    for ($i = 0; $i < 150; $i++) {
        $number = $i < 50 ? $i : $i + $seed * 100;
        $pattern = $i % 2 ? fetched("/^(\w+) number $number\$/u") : "/^(\w+) number $number\$/u";
        if (!preg_match($pattern, fetched("pattern number $number"), $match) || $match[1] !== 'pattern') {
            $wrong++;
        }
        if (preg_replace_callback(fetched("~$number~"), fn($m) => fetched('found'), "a $number b") !== 'a found b') {
            $wrong++;
        }
    }
    reuse();
    for ($i = 0; $i < 50; $i++) {
        $wrong += preg_match("/^(\w+) number $i\$/u", "pattern number $i") !== 1;
    }
    foreach (["/(/", "no delimiters", "/\xff/u"] as $bad) {
        $wrong += @preg_match(fetched($bad), 'subject') !== false;
    }
    $wrong += count(new Cache\EntryIterator(pattern: fetched('/^none$/'))) !== 0;
    echo $wrong, ' ', getmypid();
    PHP;
$answers = [];
for ($seed = 0; $seed < 60; $seed++) {
    $answers[] = $fpm->run("\$seed = $seed; $code");
}
[$wrong, $pids] = [[], []];
foreach ($answers as $answer) {
    [$wrong[], $pids[]] = explode(' ', "$answer ");
}
var_dump(array_sum($wrong), count(array_unique($pids)), min(array_map('strlen', $answers)) > 2, str_contains($fpm->log(), 'exited on signal'));
?>
--EXPECT--
int(0)
int(1)
bool(true)
bool(false)
