<?php
declare(strict_types=1);

/* Another user of the machine who means harm; nothing here is asked of root, which may do anything. */

const USE_IT = 'return [cache_enabled(), cache_store("key", "value"), cache_fetch("key"), cache_info()["reason"] ?? null];';
const WITHOUT_IT = [false, false, false];

/** What another user can do to a cache that is in use: nothing. */
function drillAttacks(Ground $ground): void
{
    if (posix_geteuid() !== 0) {
        figures('skipped: only root can be two users');

        return;
    }
    [$victim, $attacker] = strangers(2);
    $users = new Users($ground);
    $home = "/dev/shm/php-cache-$victim";
    try {
        $holder = $users->holder($victim, 'cache_store("secret", str_repeat("the secret ", 1000)); cache_fetch("secret")');
        $file = glob("$home/drill.*")[0] ?? '';
        check('the victim has a segment', $file !== '');
        $before = [fileinode($file), filesize($file), fileperms($file), fileperms($home)];
        $got = $users->run($attacker, "return [@scandir('$home'), @file_get_contents('$file'),
            @fopen('$file', 'r+'), @fopen('$file', 'c'), @unlink('$file'), @rename('$file', '$home/x'), @symlink('/etc/passwd', '$home/y'),
            @link('$file', '/dev/shm/hard-$attacker'), @rmdir('$home'), @chmod('$home', 0777), @rename('$home', '/dev/shm/moved-$attacker'),
            @touch('$home/drill.0000000000000000'), @mkdir('$home/z')];");
        check('the attacker can neither list, read, open, remove, rename, link nor add anything', array_filter($got) === [], $got);
        $pid = $holder->pid;
        $got = $users->run($attacker, "return [@file_get_contents('/proc/$pid/mem'), @scandir('/proc/$pid/map_files'),
            @scandir('/proc/$pid/fd'), @file_get_contents('/proc/$pid/maps'), @file_get_contents('/proc/$pid/environ'),
            posix_kill($pid, 0), posix_kill($pid, SIGSTOP)];");
        check('... nor get at it by way of a process that has it mapped', array_filter($got) === [], $got);
        $got = $users->run($attacker, USE_IT, ['cache.segment_dir' => $home]);
        check('... nor attach', array_slice($got, 0, 3) === WITHOUT_IT && str_contains($got[3], 'Permission denied'), $got);
        $got = $users->run($attacker, 'return [cache_fetch("secret"), cache_store("secret", "wrong"),
            cache_info(true)["segment"]["path"]];');
        check('his own cache is another one', $got[0] === false && $got[1] === true && !str_starts_with($got[2], $home), $got);
        clearstatcache();
        check('all is as it was', [fileinode($file), filesize($file), fileperms($file), fileperms($home)] === $before
            && $users->run($victim, 'return strlen(cache_fetch("secret"));') === 11_000);
        $got = $ground->cli('echo json_encode((function () { ' . USE_IT . ' })());', ['cache.segment_dir' => $home]);
        check('root does not take another user\'s folder for its own either', array_slice($got, 0, 3) === WITHOUT_IT
            && str_contains($got[3], 'is not safe'), $got);
        $holder->stop();
    } finally {
        removeTree($home);
        removeTree("/dev/shm/php-cache-$attacker");
    }
}

/** Names that an attacker takes before the victim comes: they are refused, with a sentence, and nothing behind them is touched. */
function drillSquatters(Ground $ground): void
{
    if (posix_geteuid() !== 0) {
        figures('skipped: only root can be two users');

        return;
    }
    [$victim, $attacker, $third] = strangers(3);
    $users = new Users($ground);
    $home = "/dev/shm/php-cache-$victim";
    $lair = "$ground->folder/lair";
    $treasure = "$ground->folder/treasure";
    foreach ([[$lair, $attacker, 0777], [$treasure, $victim, 0700]] as [$folder, $owner, $mode]) {
        mkdir($folder);
        chown($folder, $owner);
        chmod($folder, $mode);
    }
    file_put_contents("$treasure/letter", 'dear diary');
    chown("$treasure/letter", $victim);
    chmod("$treasure/letter", 0600);
    $untouched = static function () use ($lair, $treasure): bool {
        clearstatcache();

        return scandir($lair) === ['.', '..'] && scandir($treasure) === ['.', '..', 'letter']
            && file_get_contents("$treasure/letter") === 'dear diary';
    };
    // The default folder lies in one that everybody may write to.
    $squats = [
        'a folder of his, open to all' => "mkdir('$home') && chmod('$home', 0777)",
        'a folder of his, closed' => "mkdir('$home', 0700)",
        'a link to a folder of his' => "symlink('$lair', '$home')",
        'a link to a folder of the victim' => "symlink('$treasure', '$home')",
        'a link to nothing' => "symlink('$treasure/new', '$home')",
        'a file' => "touch('$home') && chmod('$home', 0777)",
        'a pipe' => "posix_mkfifo('$home', 0777)",
    ];
    try {
        foreach ($squats as $what => $code) {
            check("the attacker may take the folder's name by $what", $users->run($attacker, "return $code;") === true);
            $began = microtime(true);
            $got = $users->run($victim, USE_IT);
            check('... which the victim does not use, and says so', array_slice($got, 0, 3) === WITHOUT_IT
                && preg_match('~^(the segment directory .* is not safe|cannot open the segment directory)~', $got[3]) === 1 && $untouched()
                && (!is_dir($home) || is_link($home) || scandir($home) === ['.', '..']), $got);
            check('... without waiting for anything', microtime(true) - $began < FastCgi::LIMIT / 2);
            removeTree($home);
        }
        check('when the name is free the victim has a cache', $users->run($victim, USE_IT) === [true, true, 'value', null]);
    } finally {
        removeTree($home);
    }

    // A folder of root's that everybody may write to, as /tmp is. The name of the file is known: another user of the same PHP has it.
    $shared = "$ground->folder/shared";
    mkdir($shared);
    chmod($shared, 01777);
    $settings = ['cache.segment_dir' => $shared];
    $users->run($third, USE_IT, $settings);
    $name = basename(glob("$shared/drill.*")[0]);
    unlink("$shared/$name");
    $squats = [
        'a file of his' => "touch('$shared/$name') && chmod('$shared/$name', 0666)",
        'a segment of his' => "cache_store('key', 'poison') && chmod('$shared/$name', 0666)",
        'a link to a file of the victim' => "symlink('$treasure/letter', '$shared/$name')",
        'a link to a file that is not there' => "symlink('$treasure/new', '$shared/$name')",
        'a link to a device' => "symlink('/dev/zero', '$shared/$name')",
        'a pipe' => "posix_mkfifo('$shared/$name', 0666) && chmod('$shared/$name', 0666)",
        'a folder' => "mkdir('$shared/$name', 0777)",
        'a socket' => "(bool) stream_socket_server('unix://$shared/$name')",
    ];
    $sizes = static function () use ($shared): array {
        clearstatcache();

        return array_map(static fn (string $path): array => [is_link($path), @filesize($path), @fileowner($path)], glob("$shared/*"));
    };
    foreach ($squats as $what => $code) {
        check("the attacker may take the file's name by $what", $users->run($attacker, "return $code;", $settings) === true);
        $before = $sizes();
        $began = microtime(true);
        $got = $users->run($victim, USE_IT, $settings);
        check('... which the victim does not use, and says so', array_slice($got, 0, 3) === WITHOUT_IT
            && preg_match('~^cannot open .*: |is not a private regular file of user ~', $got[3]) === 1
            && $untouched() && $sizes() === $before, [$got, $before, $sizes()]);
        check('... without waiting for anything', microtime(true) - $began < FastCgi::LIMIT / 2);
        removeTree("$shared/$name");
    }
    // Root could open it, and is not to be told what to believe.
    $users->run($attacker, "return cache_store('key', 'poison');", $settings);
    $got = $ground->cli('echo json_encode((function () { ' . USE_IT . ' })());', $settings);
    check('root does not use a segment of the attacker\'s', array_slice($got, 0, 3) === WITHOUT_IT
        && preg_match('~^cannot open .*: |is not a private regular file of user 0~', $got[3]) === 1, $got);
    unlink("$shared/$name");
    // What the kernel may forbid (fs.protected_hardlinks), root does for him.
    link("$treasure/letter", "$shared/$name");
    $got = $users->run($victim, USE_IT, $settings);
    check('a second name of a file of the victim\'s is refused', array_slice($got, 0, 3) === WITHOUT_IT
        && str_contains($got[3], 'is not a private regular file') && $untouched(), $got);
    unlink("$shared/$name");
    // Old files of the same name are swept away by who attaches alone: not those of others, and not by way of links.
    $users->run($attacker, "touch('$shared/drill.0000000000000000'); posix_mkfifo('$shared/drill.1111111111111111', 0666);
        symlink('$treasure/letter', '$shared/drill.2222222222222222');");
    $lock = $users->holder($attacker, "\$folder = fopen('$shared', 'r'); flock(\$folder, LOCK_EX);
        \$file = fopen('$shared/drill.0000000000000000', 'r'); flock(\$file, LOCK_EX)");
    $got = $users->run($victim, USE_IT, $settings);
    check('locks and files of other names in the folder stop nobody', $got === [true, true, 'value', null] && $untouched()
        && count(glob("$shared/drill.*")) === 4, [$got, glob("$shared/*")]);
    $got = $users->run($attacker, "return [@fopen('$shared/$name', 'r'), @fopen('$shared/$name', 'r+'),
        @unlink('$shared/$name'), @rename('$shared/$name', '$shared/x'), cache_enabled()];", $settings);
    check('what the victim has made there the attacker cannot open, remove, rename or attach to', array_filter($got) === [], $got);
    $lock->stop();
}

/** What the user of the segment himself may have left in a bad way. */
function drillOwnFaults(Ground $ground): void
{
    $use = static fn (): array => $ground->cli('echo json_encode((function () { ' . USE_IT . ' })());');
    $use();
    $file = $ground->file();
    foreach ([0666, 0640, 0604] as $mode) {
        chmod($file, $mode);
        $got = $use();
        check(sprintf('a file of the mode %04o is refused', $mode), array_slice($got, 0, 3) === WITHOUT_IT
            && str_contains($got[3], 'is not a private regular file'), $got);
    }
    chmod($file, 0600);
    foreach ([0777, 0775, 0703] as $mode) {
        chmod($ground->segments, $mode);
        $got = $use();
        check(sprintf('a folder of the mode %04o is refused', $mode), array_slice($got, 0, 3) === WITHOUT_IT
            && str_contains($got[3], 'is not safe'), $got);
    }
    chmod($ground->segments, 0700);
    $lock = $ground->holder('$file = fopen("' . $file . '", "r+"); flock($file, LOCK_EX);');
    $began = microtime(true);
    $got = $use();
    check('who waits for the file\'s lock goes without the cache after some seconds, and says so', array_slice($got, 0, 3) === WITHOUT_IT
        && str_contains($got[3], 'keeps') && microtime(true) - $began < FastCgi::LIMIT / 2, [$got, microtime(true) - $began]);
    $lock->stop();
    check('then the cache is there again', $use() === [true, true, 'value', null]);
    [$output, $status] = $ground->setup->verify($file, $ground->folder);
    check('the segment is sound', $status === 0, $output);
    // The oracle of these drills: it must see damage.
    $bytes = file_get_contents($file);
    // Older versions of the entry may still lie in free memory.
    file_put_contents("$ground->folder/damaged", str_replace("key\0\0\0\0\0value", "kex\0\0\0\0\0value", $bytes, $places));
    check('the entry is where it is looked for', $places > 0);
    [$output, $status] = $ground->setup->verify("$ground->folder/damaged", $ground->folder);
    check('... and one with a changed key is not', $status === 1 && !str_ends_with($output, '0 broken'), $output);
}
