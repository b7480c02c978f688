<?php
declare(strict_types=1);

/* Pools beside each other: of one user, of several users, in several masters, in jails. */

/** What PHP code in a worker of the pool returns. */
function inPool(Ground $ground, Fpm $fpm, string $pool, string $code, ?string $page = null): mixed
{
    $answer = FastCgi::get($fpm->socket($pool), $page ?? $ground->page('script'), ['code' => $code]);
    if ($answer->end !== 'whole' || json_decode($answer->body) === null && $answer->body !== 'null') {
        check("a worker of $pool answers", false, [$answer, $fpm->log()]);
    }

    return json_decode($answer->body, true);
}

/** User ids that nobody else uses at this time. @return list<int> */
function strangers(int $number): array
{
    $users = array_map(static fn (int $i): int => 100_000 + getmypid() % 100_000 * 16 + $i, range(0, $number - 1));
    register_shutdown_function(static function () use ($users): void {
        foreach ($users as $user) {
            removeTree("/dev/shm/php-cache-$user");
        }
    });

    return $users;
}

/** Two masters, and the command line, of one user: one segment. */
function drillMasters(Ground $ground): void
{
    $one = $ground->fpms(['pool' => ['pm.max_children' => 2]], name: 'one');
    $two = $ground->fpms(['pool' => ['pm.max_children' => 2]], name: 'two');
    $visitors = $ground->visitors();
    $visitors->start($one->socket(), 2);
    $visitors->start($two->socket(), 2);
    usleep((int) ($ground->setup->seconds / 3 * 1e6));
    inPool($ground, $one, 'pool', 'return cache_store("from", "one");');
    check('what one stores, the other and the command line see', inPool($ground, $two, 'pool', 'return cache_fetch("from");') === 'one'
        && $ground->cli('echo json_encode(cache_fetch("from"));') === 'one');
    // Its workers are killed with it: nobody tidies up.
    foreach ([$one->master, ...$one->workers()] as $pid) {
        posix_kill($pid, SIGKILL);
    }
    usleep((int) ($ground->setup->seconds / 3 * 1e6));
    $account = $visitors->account();
    check('the other goes on', inPool($ground, $two, 'pool', 'return [cache_fetch("from"), cache_store("from", "two")];') === ['one', true]);
    $two->stop();
    figures("$account->answered pages answered by two masters, one of which was killed");
    $ground->settle($account);
    $ground->judge();
}

/** Two users in one master: each has a segment that the other can neither see nor use nor harm. */
function drillUsers(Ground $ground): void
{
    if (posix_geteuid() !== 0) {
        figures('skipped: only root has pools of other users');

        return;
    }
    [$a, $b] = strangers(2);
    $pools = [];
    foreach (['a' => $a, 'b' => $b] as $pool => $user) {
        $pools[$pool] = ['user' => $user, 'group' => $user, 'pm.max_children' => 2, 'cache.segment_dir' => ''];
    }
    $own = '$info = cache_info(true); return [$info["segment"]["path"] ?? null, posix_geteuid()];';
    $fpm = $ground->fpms($pools, ['extension' => 'posix']);
    try {
        $code = 'return [cache_store("secret", "of " . posix_geteuid()), cache_fetch("secret"), cache_inc("count")];';
        check('each stores under the same keys', inPool($ground, $fpm, 'a', $code) === [true, "of $a", 1]
            && inPool($ground, $fpm, 'b', $code) === [true, "of $b", 1]);
        [$pathA] = inPool($ground, $fpm, 'a', $own);
        [$pathB] = inPool($ground, $fpm, 'b', $own);
        check('... in a segment of its own', str_starts_with((string) $pathA, "/dev/shm/php-cache-$a/")
            && str_starts_with((string) $pathB, "/dev/shm/php-cache-$b/"), [$pathA, $pathB]);
        $modes = [fileperms(dirname($pathA)) & 07777, fileperms($pathA) & 07777, fileowner(dirname($pathA)), fileowner($pathA)];
        check('... whose folder has the mode 0700 and whose file has 0600', $modes === [0700, 0600, $a, $a], $modes);
        check('what one clears, deletes and locks is its own', inPool($ground, $fpm, 'b', 'return [cache_clear(), cache_delete("secret"),
            cache_lock_for_write("lock") > 0, cache_queue_push("q", "job")];') === [true, false, true, 1]
            && inPool($ground, $fpm, 'a', 'return [cache_fetch("secret"), cache_fetch("count"), cache_lock_for_write("lock") > 0,
                cache_queue_info("q")["waiting"] ?? 0];') === ["of $a", 1, true, 0]);
        $attempts = '$file = ' . var_export($pathA, true) . '; $folder = dirname($file); return [@scandir($folder), @file_get_contents($file),
            @fopen($file, "r+"), @unlink($file), @rename($folder, "$folder-taken"), @symlink("/etc/passwd", "$folder/link"), @chmod($file, 0666)];';
        $got = inPool($ground, $fpm, 'b', $attempts);
        check('one can neither list, read, open, remove, move, link nor open up the other\'s', array_filter($got) === [], $got);
        check('... which is as it was', inPool($ground, $fpm, 'a', 'return cache_fetch("secret");') === "of $a");
    } finally {
        $fpm->stop();
        foreach ([$a, $b] as $user) {
            removeTree("/dev/shm/php-cache-$user");
        }
    }
    // One folder for both, as /tmp is: the first who comes has the segment, the other is told.
    chmod($ground->segments, 01777);
    foreach ($pools as &$pool) {
        $pool['cache.segment_dir'] = $ground->segments;
    }
    unset($pool);
    $fpm = $ground->fpms($pools, ['extension' => 'posix'], name: 'shared');
    $stored = inPool($ground, $fpm, 'a', 'return cache_store("secret", 1);');
    check('in a folder that both may write to, the first has the segment', $stored === true);
    $reason = inPool($ground, $fpm, 'b', 'return [cache_enabled(), cache_store("x", 1), cache_fetch("secret"), cache_info()["reason"]];');
    check('... and the other works without, and is told why', array_slice($reason, 0, 3) === [false, false, false]
        && preg_match('~cannot open .*: Permission denied|is not a private regular file of user~', $reason[3]) === 1, $reason);
    $fpm->stop();
}

/** chroot = ...: a worker finds /dev/shm only if it is there. */
function drillJail(Ground $ground): void
{
    if (posix_geteuid() !== 0) {
        figures('skipped: only root has jails');

        return;
    }
    [$user] = strangers(1);
    $jail = "$ground->folder/jail";
    mkdir("$jail/dev", 0755, true);
    copy($ground->page('common'), "$jail/common.php");
    copy($ground->page('script'), "$jail/script.php");
    $pool = ['user' => $user, 'group' => $user, 'chroot' => $jail, 'cache.segment_dir' => '', 'pm.max_children' => 1, 'error_log' => ''];
    $code = 'return [cache_enabled(), cache_store("key", 1), cache_fetch("key"), cache_info()["reason"] ?? null];';
    $fpm = $ground->fpm($pool);
    $got = inPool($ground, $fpm, 'pool', $code, '/script.php');
    check('without /dev/shm the cache is off and says why', $got === [false, false, false,
        "cannot create the directory /dev/shm/php-cache-$user: No such file or directory (cache.segment_dir may name another one)"], $got);
    check('... in the log, too', becomes(static fn (): bool => $fpm->logged('~cannot create the directory /dev/shm/php-cache~') === 1), $fpm->log());
    $fpm->stop();
    mkdir("$jail/dev/shm", 01777);
    chmod("$jail/dev/shm", 01777);
    $fpm = $ground->fpms(['pool' => $pool], name: 'with');
    $got = inPool($ground, $fpm, 'pool', $code, '/script.php');
    $made = glob("$jail/dev/shm/php-cache-$user/drill.*");
    check('with it the cache is there', $got === [true, true, 1, null] && count($made) === 1, [$got, $made, $fpm->log()]);
    $fpm->stop();
    foreach (['no', 'yes'] as $dumpable) {
        $pool = ['process.dumpable' => $dumpable, 'user' => $user, 'group' => $user, 'cache.segment_dir' => ''];
        $fpm = $ground->fpms(['pool' => $pool], name: "dumpable-$dumpable");
        $got = inPool($ground, $fpm, 'pool', $code);
        check("process.dumpable = $dumpable", $got === [true, true, 1, null], $got);
        $fpm->stop();
    }
    removeTree("/dev/shm/php-cache-$user");
}
