<?php
/*
 * SharedCache\Storage: what a call costs behind the cache, and with the database alone; and whether readers exclude each other. The
 * mutex, an entry that is added and deleted, is how the original locks in its cache, for reading as for writing.
 */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $folder = trim((string) shell_exec("php-config8.2 --extension-dir"));
    $has = static fn (string ...$names): bool => !array_filter($names, static fn (string $name): bool => !is_file("$folder/$name.so"));
    if (!$has('pdo_sqlite')) {
        yield new Figure('php-sqlite3 is not there', null);

        return;
    }
    $extensions = ['pdo', 'pdo_sqlite'];
    $databases = ['SQLite' => 'sqlite'];
    if ($has('mysqlnd', 'pdo_mysql') && is_executable('/usr/sbin/mariadbd')) {
        array_push($extensions, 'mysqlnd', 'pdo_mysql');
        $databases['MariaDB'] = 'mariadb';
    }

    $readers = $bench->php('sync', ['readers', $bench->work, $bench->full(7, 2), $bench->full(0.5, 0.2)], extensions: $extensions);
    yield new Figure(
        'two readers hold a lock for 1 ms each: sections a second, of those of one alone, twice',
        $readers['cache']['share'],
        $readers['apcu']['share'] ?? null,
        '%',
        Goal::atLeast(90, '%'),
    );
    yield new Figure(
        'of their attempts, refused',
        $readers['cache']['refused'],
        $readers['apcu']['refused'] ?? null,
        '%',
        Goal::atMost(0, '%'),
    );
    foreach ($databases as $label => $database) {
        $rates = $bench->php('sync', [$database, $bench->work, $bench->full(16, 2), $bench->full(0.05, 0.02)], extensions: $extensions);
        foreach ($rates as $name => ['cached' => $cached, 'alone' => $alone]) {
            yield new Figure("$label: $name", $cached, null, '/s', null, [
                'database alone' => quantity($alone, '/s'),
                'times' => ratio($cached / $alone),
            ]);
        }
    }
};
