<?php

declare(strict_types=1);

/*
 * special.php PHP CACHE.SO LIBINJECT.SO: single situations, in processes of PHP. One line for each.
 */

[, $php, $extension, $injector] = $argv;
$root = sys_get_temp_dir() . '/cache-special-php.' . getmypid();
mkdir($root, 0700);
$bad = 0;

/**
 * @return array{int, string} status and output of a shell command in which "$PHP" is PHP with the extension and a
 * segment of the test's own
 */
function run(string $name, string $command, array $environment = []): array
{
    global $php, $extension, $root;
    $directory = "$root/$name";
    is_dir($directory) || mkdir($directory, 0700);
    $environment += ['PHP' => "$php -n -dextension=$extension -dcache.enable_cli=1 -dcache.segment_dir=$directory -dcache.size=2M -ddisplay_errors=stderr",
        'WORKLOAD' => __DIR__ . '/workload.php'] + getenv();
    $process = proc_open(['bash', '-c', $command], [1 => ['file', "$directory.out", 'w'], 2 => ['redirect', 1]], $pipes, null, $environment);
    $status = proc_close($process);
    return [$status, file_get_contents("$directory.out")];
}

function expect(string $name, bool $holds, string $what): void
{
    global $bad;
    if ($holds) {
        echo "ok - php: $name\n";
    } else {
        $bad++;
        echo "not ok - php: $name\n$what\n";
    }
}

function fine(string $name, string $command, array $environment = [], string $says = ''): void
{
    [$status, $output] = run($name, $command, $environment);
    expect($name, $status === 0 && str_contains($output, 'fine') && ($says === '' || str_contains($output, $says)), "status $status: $output");
}

$injected = ['LD_PRELOAD' => $injector, 'FAULT_LIBRARY' => basename($extension)];
$hour = 3600 * 1_000_000;

/* The limit is a refusal with a word, not SIGXFSZ. */
fine('limit_of_file_size', 'ulimit -f 64; $PHP $WORKLOAD', [], 'ulimit -f');
fine('limit_of_descriptors', 'ulimit -n 5; $PHP $WORKLOAD', [], 'Too many open files');
fine('window_taken', '$PHP $WORKLOAD strict && $PHP -r \'exit(cache_info(true)["segment"]["mode"] === "copy" ? 0 : 1);\'', $injected + ['FAULT_WINDOW' => '1']);
fine('one_processor', 'taskset -c "$(taskset -cp $$ | sed "s/.*: //; s/[-,].*//")" $PHP $WORKLOAD strict');
/* Processes whose clocks differ use the same segment one after the other, and see what others stored. */
foreach (['FAULT_REALTIME_US' => $hour, 'FAULT_MONOTONIC_NS' => 1000 * $hour] as $clock => $offset) {
    $name = strtolower(explode('_', $clock)[1]) . '_clock_set';
    fine($name, '$PHP $WORKLOAD strict && LD_PRELOAD=$INJECTOR $PHP $WORKLOAD strict && $PHP $WORKLOAD strict', ['INJECTOR' => $injector, 'FAULT_LIBRARY' => basename($extension), $clock => (string) $offset]);
}
fine('no_dev_shm', 'unshare -m bash -c \'mount -t tmpfs -o size=64k none /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 && $PHP -dcache.segment_dir= $WORKLOAD\' || ! unshare -m true && echo fine', [],
    posix_geteuid() === 0 ? '/dev/shm/php-cache-' : '');

/** What a process of many requests answers. */
function ask(int $port, string $what): string
{
    return (string) @file_get_contents("http://127.0.0.1:$port/?do=$what", false, stream_context_create(['http' => ['timeout' => 30]]));
}

function inServer(string $name, callable $test): void
{
    global $php, $extension, $root;
    $directory = "$root/$name";
    mkdir($directory, 0700);
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    $port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
    fclose($socket);
    $server = proc_open([$php, '-n', "-dextension=$extension", '-dcache.enable_cli=1', "-dcache.segment_dir=$directory", '-dcache.size=2M', '-S', "127.0.0.1:$port", __DIR__ . '/page.php'],
        [1 => ['file', "$directory.out", 'w'], 2 => ['redirect', 1]], $pipes);
    for ($i = 0; $i < 200 && ask($port, 'store') !== 'true'; $i++) {
        usleep(100_000);
    }
    $problem = ask($port, 'fetch') === 'right' ? $test($port, ask($port, 'path'), $directory) : 'the server does not answer: ' . file_get_contents("$directory.out");
    if ($problem === '' && !proc_get_status($server)['running']) {
        $problem = 'the process has ended';
    }
    proc_terminate($server);
    proc_close($server);
    expect($name, $problem === '', (string) $problem);
}

/** A second later it has a new segment, which is empty, and works. */
function startsAnew(int $port): string
{
    usleep(1_300_000);
    $answers = [ask($port, 'fetch'), ask($port, 'store'), ask($port, 'fetch')];
    return $answers === ['missing', 'true', 'right'] ? '' : implode(', ', $answers);
}

inServer('file_removed_under_a_server', static function (int $port, string $path): string {
    unlink($path);
    return startsAnew($port);
});
inServer('file_cut_off_under_a_server', static function (int $port, string $path): string {
    ftruncate($file = fopen($path, 'r+'), 0);
    fclose($file);
    return startsAnew($port);
});
inServer('file_replaced_under_a_server', static function (int $port, string $path): string {
    rename($path, "$path-moved");
    file_put_contents($path, 'something else');
    chmod($path, 0600);
    $answer = startsAnew($port);
    unlink("$path-moved");
    return $answer;
});

foreach (array_reverse(iterator_to_array(new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::SELF_FIRST))) as $path) {
    is_dir((string) $path) ? rmdir((string) $path) : unlink((string) $path);
}
rmdir($root);
exit($bad ? 1 : 0);
