--TEST--
A worker goes through many requests that leave fetched values everywhere and end in different ways
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
cache.segment=test-lifetime-many-requests${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';

/* Valgrind, which PHP is told of by that, takes ten seconds for each. */
define('REQUESTS', getenv('USE_ZEND_ALLOC') === '0' ? 10 : 60);

$results = sys_get_temp_dir() . '/cache-many-requests-' . getmypid();
$fpm = new Fpm([
    'cache.segment' => ini_get('cache.segment'),
    'cache.size' => ini_get('cache.size'),
    'cache.max_pinned' => ini_get('cache.max_pinned'),
    'display_errors' => '1', 'html_errors' => '0',
], 1);
$begin = 'const RESULTS = ' . var_export($results, true) . '; require ' . var_export(__DIR__ . '/leak.inc', true) . ';';
$ends = [
    'normally' => '',
    'by an exception' => 'throw new RuntimeException(fetched("message $seed of some length"));',
    'by exit()' => 'exit(fetched("message $seed of some length\n"));',
    'by a fatal error' => 'ini_set("memory_limit", "20M"); $s = fetchOriginals($seed); for (;;) { $s[] = str_repeat("x", 100000); }',
    'by an undefined function' => '$name = fetched("noSuchFunction$seed"); $name();',
];
$places = [
    'autoloader destroyed', 'buffer', 'buffer destroyed', 'closure destroyed', 'cycle destroyed', 'fiber destroyed', 'fiber left',
    'generator destroyed', 'generator left', 'global destroyed', 'session destroyed', 'session written', 'shutdown called',
    'shutdown destroyed', 'static property destroyed',
];
$pids = [];
for ($i = 0; $i < REQUESTS; $i++) {
    $end = array_keys($ends)[$i % count($ends)];
    $output = $fpm->run("$begin \$seed = $i; leak(\$seed); echo 'pid: ', getmypid(), \"\\n\"; {$ends[$end]}");
    preg_match('/^pid: (\d+)$/m', $output, $pid) && $pids[$pid[1]] = true;
    /* After a fatal error PHP calls no destructors; what can be said at all must be right. */
    preg_match_all('/^([a-z ]+): (right|wrong.*)$/m', $output, $matches);
    $said = array_combine($matches[1], $matches[2]);
    if (array_diff($said, ['right']) || !isset($said['shutdown called'])) {
        echo "request $i, which ended $end:\n$output\n";
        break;
    }
    if ($end === 'normally' && array_diff($places, array_keys($said), session_places())) {
        echo "request $i does not say anything of: ", implode(', ', array_diff($places, array_keys($said))), "\n$output\n";
    }
    $message = ["message $i of some length", "noSuchFunction$i()", 'Allowed memory size'];
    if ($end !== 'normally' && !array_filter($message, fn($text) => str_contains($output, $text))) {
        echo "request $i, which ended $end, does not show why:\n$output\n";
    }
}
$lines = array_count_values(explode("\n", trim(file_get_contents($results))));
unlink($results);
ksort($lines);
$lines === ['context: right' => REQUESTS, 'stream: right' => REQUESTS] || print_r($lines);
var_dump(count($pids), str_contains($fpm->log(), 'exited on signal'), $fpm->run('var_dump(cache_info(true)["memory"]["pinned"]);'));

function session_places(): array
{
    return extension_loaded('session') ? [] : ['session destroyed', 'session written'];
}
?>
--EXPECT--
int(1)
bool(false)
string(7) "int(0)
"
