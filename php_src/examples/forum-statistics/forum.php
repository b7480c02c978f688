<?php

/*
 * The forum: its database, and two caches of it. Loaded by visitors, by the author and by the worker.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

use wcf\system\cache\eager\AbstractSharedEagerCache;
use wcf\system\cache\tolerant\AbstractSharedTolerantCache;

require_once __DIR__ . '/../../autoload.php';
spl_autoload_register(static function (string $class): void {
    // In WCF its own autoloader does this, once the bridge's files lie in its folder lib.
    $file = __DIR__ . '/../../bridges/wcf/lib/' . strtr(substr($class, 4), '\\', '/') . '.class.php';
    if (str_starts_with($class, 'wcf\\') && is_file($file)) {
        require $file;
    }
});

// What config.inc.php says.
define('WCF_DIR', getenv('FORUM_FOLDER') . '/');
define('SHARED_CACHE_QUEUE', 'forum-example');

/** A file of posts, which is slow to count; and a log of who has done so. */
final class Database
{
    /** Seconds. */
    public const SLOW = 0.1;

    public static function write(string $title): void
    {
        file_put_contents(WCF_DIR . 'posts', "$title\n", FILE_APPEND);
    }

    public static function countPosts(): int
    {
        usleep((int) (self::SLOW * 1e6));

        return count(file(WCF_DIR . 'posts'));
    }

    public static function newestPost(): string
    {
        usleep((int) (self::SLOW * 1e6));

        $posts = file(WCF_DIR . 'posts');

        return rtrim(end($posts));
    }

    public static function log(string $what): void
    {
        $who = defined('WHO') ? WHO : 'worker';
        file_put_contents(WCF_DIR . 'builds', "$what\t$who\n", FILE_APPEND);
    }
}

/** How many posts there are: may be a second old, and nobody shall wait for it. */
final class StatisticsCache extends AbstractSharedTolerantCache
{
    public function getLifetime(): int
    {
        return 1;
    }

    protected function rebuildCacheData(): array
    {
        Database::log('statistics');

        return ['posts' => Database::countPosts()];
    }
}

/** The newest post: right at once for all, made by whoever has written it. */
final class NewestPostCache extends AbstractSharedEagerCache
{
    protected function getCacheData(): array
    {
        Database::log('newest post');

        return ['title' => Database::newestPost()];
    }
}
