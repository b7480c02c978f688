<?php
/*
 * Settings at random: PHP starts with the value in force, or fails with one sentence that names directive, value and
 * range; a second opinion, written apart from the extension, says which of them. At run time none can be changed.
 *
 *   php settings.php --extension=PATH [--seed=N] [--seconds=N]
 */
declare(strict_types=1);

const NUMBERS = ['cache.max_processes' => 8192, 'cache.queue_size' => 65536, 'cache.queue_max_attempts' => 100];
const WORDS = [
    'cache.enable' => ['1', 'on', 'yes', 'true', '', '0', 'off', 'no', 'false', 'none'],
    'cache.enable_cli' => ['1', 'on', 'yes', 'true', '', '0', 'off', 'no', 'false', 'none'],
    'cache.quarantine' => ['1', 'on', 'yes', 'true', '', '0', 'off', 'no', 'false', 'none'],
    'cache.zero_copy' => ['auto', 'on', '1', 'off', '', '0', 'rw'],
    'cache.serializer' => ['', 'php', 'igbinary', 'msgpack'],
];

/** Something was found, or cannot be tried. */
function fail(string $text): never
{
    echo $text;
    exit(1);
}

function pick(array $from): mixed
{
    return $from[mt_rand(0, count($from) - 1)];
}

function quantity(string $text, int $min, int $max): bool
{
    set_error_handler(fn() => throw new DomainException());
    try {
        $bytes = $text === '' ? -1 : ini_parse_quantity($text);
    } catch (DomainException) {
        $bytes = -1;
    }
    restore_error_handler();
    return $bytes >= $min && $bytes <= $max;
}

function is_valid(string $directive, string $value): bool
{
    if (isset(NUMBERS[$directive])) {
        return preg_match('/^[0-9]{1,9}$/D', $value) === 1 && (int) $value >= 1 && (int) $value <= NUMBERS[$directive];
    }
    return match ($directive) {
        'cache.segment' => preg_match('/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/D', $value) === 1,
        'cache.segment_dir' => $value === '' || ($value[0] === '/' && strlen($value) <= 3800),
        'cache.size' => quantity($value, 1 << 20, 1 << 40),
        'cache.max_pinned' => preg_match('/^([0-9]{1,9})%$/D', $value, $match) === 1 ? $match[1] >= 1 &&
            $match[1] <= 100 : quantity($value, 1 << 16, 1 << 40),
        default => in_array(strtolower($value), WORDS[$directive], true),
    };
}

function any_setting(string $directive): string
{
    if (isset(NUMBERS[$directive]) && mt_rand(0, 2) === 0) {
        return (string) (pick([1, NUMBERS[$directive]]) + mt_rand(-1, 1));
    }
    $number = pick(['0', '1', '2', '5', '100', '101', '1024', '8192', '8193', '65536', '65537', '65535', '1048576',
        '1048575', '999999999', '9999999999', '-1', '+1',
        '007', '1.5', '1e3', '0x10', '0b11', ' 5', '5 ', (string) mt_rand()]);
    return match (mt_rand(0, 5)) {
        0 => $number,
        1 => $number . pick(['K', 'M', 'G', 'k', '%', '%%', 'T', 'MB', ' M', '.']),
        2 => pick(array_merge(...array_values(WORDS))),
        3 => strtoupper(pick(WORDS[$directive] ?? ['default', 'x'])),
        4 => pick(['64M', '8M', '10%', 'default', 'a.b-c_d', '.hidden', '..', 'a/b', str_repeat('n', 64),
            str_repeat('n', 65), '/tmp', '/no/such/place',
            '/' . str_repeat('d/', 1950), 'relative/path', "/tmp/a\nb", 'ünï', '%s%n', '`id`', '"', "'", '${HOME}',
                '\\', '/dev/null', '/proc/self/fd']),
        5 => implode('', array_map(fn() => chr(mt_rand(1, 255)), range(1, mt_rand(1, 12)))),
    };
}

/** @return array{int, string} exit status, -1 if a signal ended it, and what was printed */
function run(array $command): array
{
    $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
    $output = stream_get_contents($pipes[1]);
    do {
        $status = proc_get_status($process);
    } while ($status['running'] && usleep(1000) === null);
    proc_close($process);
    return [$status['signaled'] ? -1 : $status['exitcode'], $output];
}

$options = getopt('', ['extension:', 'seed:', 'seconds:']);
$seed = (int) ($options['seed'] ?? random_int(1, 1 << 30));
$end = microtime(true) + (float) ($options['seconds'] ?? 5);
mt_srand($seed);
echo "seed $seed\n";
$segment = 'fuzz-ini-' . getmypid();
$directives = array_keys(NUMBERS + WORDS + ['cache.segment' => 0, 'cache.segment_dir' => 0, 'cache.size' => 0,
    'cache.max_pinned' => 0]);
$code = <<<'PHP'
foreach (ini_get_all('cache', false) as $name => $value) {
    if (@ini_set($name, '7') !== false || ini_get($name) !== $value) {
        echo "$name can be changed at run time\n";
    }
}
$stored = cache_store('k', [1, 'two' => 2]);
echo cache_enabled() === $stored && (!$stored || cache_fetch('k') === [1, 'two' => 2]) && is_array(cache_info())
    ? 'works ' : 'is inconsistent ';
echo json_encode(ini_get($argv[1]), JSON_INVALID_UTF8_SUBSTITUTE);
PHP;
$folder = sys_get_temp_dir() . "/$segment";
mkdir($folder, 0700);
register_shutdown_function(function () use ($folder, $segment) {
    array_map(unlink(...), glob("$folder/{,.}*.ini", GLOB_BRACE) ?: []);
    array_map(unlink(...), array_merge(glob("/dev/shm/php-cache-*/$segment.*") ?: [],
        glob("$folder/segments/*") ?: []));
    @rmdir("$folder/segments");
    rmdir($folder);
});
mkdir("$folder/segments", 0700);
for ($starts = $refused = 0; microtime(true) < $end; $starts++) {
    $directive = pick($directives);
    $value = any_setting($directive);
    if ($directive === 'cache.segment' && is_valid($directive, $value)) {
        $value = $segment; /* no litter */
    }
    if ($directive === 'cache.segment_dir' && is_valid($directive, $value) && !in_array($value, ['', '/dev/null',
        '/no/such/place'], true) && strlen($value) < 100) {
        $value = "$folder/segments";
    }
    if ($directive === 'cache.size' && is_valid($directive, $value) && ini_parse_quantity($value) > 1 << 28) {
        $value = '256M'; /* reserves that much address space, but takes memory as it is used */
    }
    /* In quotes, as in a php.ini; what would end them, or be looked up, is given without. */
    $value = strtr($value, ['"' => "'", '\\' => '/', '$' => 'S', "\r" => ' ']);
    file_put_contents("$folder/fuzz.ini",
        "extension={$options['extension']}\ncache.segment=$segment\n$directive=\"$value\"\n");
    [$status, $output] = run([PHP_BINARY, '-c', "$folder/fuzz.ini", '-n', '-c', "$folder/fuzz.ini", '-r', $code, '--',
        $directive]);
    $call = "$directive=" . json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE);
    if (is_valid($directive, $value)) {
        $expected = 'works ' . json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE);
        if ($status !== 0 || !str_ends_with($output, $expected) || str_contains($output, 'can be changed')) {
            fail("$call: status $status: $output\n");
        }
    } else {
        $refused++;
        if ($status <= 0 || !str_contains($output, "$directive must be ") || str_contains($output, 'works')) {
            fail("$call: status $status: $output\n");
        }
    }
}
if ($refused === 0 || $refused === $starts) {
    fail("nothing was tried\n");
}
echo "$starts starts, $refused refused, as they should\n";
exit(0);
