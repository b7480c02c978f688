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
    $settings = "-dextension=$extension -dcache.enable_cli=1 -dcache.segment_dir=$directory -dcache.size=2M";
    $environment += ['PHP' => "$php -n $settings -ddisplay_errors=stderr", 'WORKLOAD' => __DIR__ . '/workload.php'];
    $files = [1 => ['file', "$directory.out", 'w'], 2 => ['redirect', 1]];
    $process = proc_open(['bash', '-c', $command], $files, $pipes, null, $environment + getenv());
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
    $good = $status === 0 && str_contains($output, 'fine') && ($says === '' || str_contains($output, $says));
    expect($name, $good, "status $status: $output");
}

$injected = ['LD_PRELOAD' => $injector, 'FAULT_LIBRARY' => basename($extension)];
$hour = 3600 * 1_000_000;

/* The limit is a refusal with a word, not SIGXFSZ. */
fine('limit_of_file_size', 'ulimit -f 64; $PHP $WORKLOAD', [], 'ulimit -f');
fine('limit_of_descriptors', 'ulimit -n 5; $PHP $WORKLOAD', [], 'Too many open files');
$copies = '$PHP -r \'exit(cache_info(true)["segment"]["mode"] === "copy" ? 0 : 1);\'';
fine('window_taken', "\$PHP \$WORKLOAD strict && $copies", $injected + ['FAULT_WINDOW' => '1']);
fine('one_processor', 'taskset -c "$(taskset -cp $$ | sed "s/.*: //; s/[-,].*//")" $PHP $WORKLOAD strict');
/* Processes whose clocks differ use the same segment one after the other, and see what others stored. */
foreach (['FAULT_REALTIME_US' => $hour, 'FAULT_MONOTONIC_NS' => 1000 * $hour] as $clock => $offset) {
    $name = strtolower(explode('_', $clock)[1]) . '_clock_set';
    $environment = ['INJECTOR' => $injector, 'FAULT_LIBRARY' => basename($extension), $clock => (string) $offset];
    fine($name, '$PHP $WORKLOAD strict && LD_PRELOAD=$INJECTOR $PHP $WORKLOAD strict && $PHP $WORKLOAD strict', $environment);
}
$devices = 'mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9';
if (run('may_mount', 'unshare -m mount -t tmpfs none /dev')[0] === 0) {
    $inside = "mount -t tmpfs -o size=64k none /dev && $devices && \$PHP -dcache.segment_dir= \$WORKLOAD";
    fine('no_dev_shm', "unshare -m bash -c '$inside'", [], '/dev/shm/php-cache-');
} else {
    echo "skipped - php: no_dev_shm: a mount namespace is not to be had\n";
}

/** What a process of many requests answers. */
function ask(int $port, string $what): string
{
    $context = stream_context_create(['http' => ['timeout' => 30]]);
    return (string) @file_get_contents("http://127.0.0.1:$port/?do=$what", false, $context);
}

function inServer(string $name, callable $test): void
{
    global $php, $extension, $root;
    $directory = "$root/$name";
    mkdir($directory, 0700);
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    $port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
    fclose($socket);
    $settings = ["-dextension=$extension", '-dcache.enable_cli=1', "-dcache.segment_dir=$directory", '-dcache.size=2M'];
    $command = [$php, '-n', ...$settings, '-S', "127.0.0.1:$port", __DIR__ . '/page.php'];
    $server = proc_open($command, [1 => ['file', "$directory.out", 'w'], 2 => ['redirect', 1]], $pipes);
    for ($i = 0; $i < 200 && ask($port, 'store') !== 'true'; $i++) {
        usleep(100_000);
    }
    $problem = ask($port, 'fetch') === 'right'
        ? $test($port, ask($port, 'path'))
        : 'the server does not answer: ' . file_get_contents("$directory.out");
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

$everything = new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS | FilesystemIterator::CURRENT_AS_PATHNAME);
foreach (new RecursiveIteratorIterator($everything, RecursiveIteratorIterator::CHILD_FIRST) as $path) {
    is_dir($path) ? rmdir($path) : unlink($path);
}
rmdir($root);
exit($bad ? 1 : 0);
