<?php
/*
 * memcached.php SOCKET WORKER ARGUMENT...: runs a worker of this folder with php-memcached, and a memcached of its own at that
 * Unix socket, which is handed on as its last argument. Prints what it prints, or {} where there is neither.
 */
declare(strict_types=1);

[, $socket, $worker] = $argv;
$php = [PHP_BINARY, '-n', '-d', 'zend_extension=opcache', '-d', 'opcache.enable_cli=1'];
foreach (['posix', 'msgpack', 'igbinary', 'memcached'] as $extension) {
    array_push($php, '-d', "extension=$extension");
}
$memcached = '/usr/bin/memcached';
exec(implode(' ', array_map(escapeshellarg(...), [...$php, '-r', 'exit((int) !class_exists("Memcached"));'])) . ' 2>&1', $output, $status);
if ($status !== 0 || !is_executable($memcached)) {
    echo '{}';
    exit;
}
$user = posix_getpwuid(posix_geteuid())['name'];
$server = proc_open([$memcached, '-s', $socket, '-a', '600', '-m', '64', '-u', $user], [2 => ['file', '/dev/null', 'w']], $pipes);
for ($until = microtime(true) + 10; !file_exists($socket) && microtime(true) < $until; usleep(1000));
$process = proc_open([...$php, __DIR__ . "/$worker.php", ...array_slice($argv, 3), $socket], [1 => ['pipe', 'w']], $pipes);
echo stream_get_contents($pipes[1]);
$status = proc_close($process);
proc_terminate($server);
proc_close($server);
unlink($socket);
exit($status);
