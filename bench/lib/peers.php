<?php
/*
 * What the row peers measures beside the cache: how a value gets into each of them and out again, as PHP code. In it KEY stands
 * for a literal of 20 bytes, $peer for what open() has returned, $data for the value.
 */
declare(strict_types=1);

require_once __DIR__ . '/server.php';

const PEERS = ['cache', 'apcu', 'yac', 'include', 'memcached', 'redis', 'files'];
/* Their names in the tables. */
const PEER_NAMES = [
    'yac' => 'Yac', 'include' => 'include', 'memcached' => 'memcached', 'redis' => 'Redis', 'files' => 'files',
];

/** @return array{fetch: string, store: string} */
function peerCode(string $peer): array
{
    return match ($peer) {
        'cache' => ['fetch' => 'cache_fetch(KEY)', 'store' => 'cache_store(KEY, $data)'],
        'apcu' => ['fetch' => 'apcu_fetch(KEY)', 'store' => 'apcu_store(KEY, $data)'],
        'yac', 'memcached', 'redis' => ['fetch' => '$peer->get(KEY)', 'store' => '$peer->set(KEY, $data)'],
        'include' => ['fetch' => 'include $peer->file', 'store' => '$peer->store($data)'],
        'files' => ['fetch' => '$peer->fetch(KEY)', 'store' => '$peer->store(KEY, $data)'],
    };
}

/** Makes it ready; null: it is not there. */
function openPeer(string $peer, string $work): ?object
{
    return match ($peer) {
        'cache', 'apcu' => function_exists("{$peer}_fetch") ? new stdClass() : null,
        'yac' => class_exists('Yac') ? new Yac() : null,
        'include' => new IncludedFile("$work/included.php"),
        'files' => new FileCache("$work/files"),
        'memcached' => class_exists('Memcached') ? openMemcached("$work/memcached.sock") : null,
        'redis' => class_exists('Redis') ? openRedis("$work/redis.sock", $work) : null,
    };
}

/** One connection to a server of its own; values go through igbinary, and are not compressed, which would be slower. */
function openMemcached(string $socket): ?Memcached
{
    $user = posix_getpwuid(posix_geteuid())['name'];
    $command = ['/usr/bin/memcached', '-s', $socket, '-a', '600', '-m', '256', '-I', '8m', '-u', $user];
    if (Server::start($command, $socket) === null) {
        return null;
    }
    $memcached = new Memcached();
    $memcached->setOptions([
        Memcached::OPT_COMPRESSION => false,
        Memcached::OPT_SERIALIZER => Memcached::SERIALIZER_IGBINARY,
        Memcached::OPT_BINARY_PROTOCOL => false,
    ]);
    $memcached->addServer($socket, 0);

    return $memcached;
}

/** The same: igbinary, not compressed, nothing is written to a disk. */
function openRedis(string $socket, string $work): ?Redis
{
    $command = ['/usr/bin/redis-server', '--port', '0', '--unixsocket', $socket, '--dir', $work];
    array_push($command, '--save', '', '--appendonly', 'no');
    if (Server::start($command, $socket) === null) {
        return null;
    }
    $redis = new Redis();
    $redis->connect($socket);
    $redis->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_IGBINARY);

    return $redis;
}

/**
 * A file that returns the value, which opcache keeps in its memory: what is a constant expression costs an include, and nothing
 * is copied. Objects are none; they are unserialized from a literal.
 */
final class IncludedFile
{
    public function __construct(public readonly string $file)
    {
    }

    public function store(mixed $data): bool
    {
        $constant = true;
        if (is_object($data)) {
            $constant = false;
        } elseif (is_array($data)) {
            array_walk_recursive($data, static function (mixed $member) use (&$constant): void {
                $constant = $constant && !is_object($member);
            });
        }
        $code = $constant ? var_export($data, true) : 'unserialize(' . var_export(serialize($data), true) . ')';
        $stored = writeWhole($this->file, "<?php\nreturn $code;\n");
        opcache_invalidate($this->file, true);

        return $stored;
    }
}

/** A file for each key, as the file caches of frameworks have it: when it expires, the key, and the serialized value. */
final class FileCache
{
    public function __construct(private readonly string $folder)
    {
        is_dir($folder) || mkdir($folder, 0700);
    }

    public function fetch(string $key): mixed
    {
        $text = file_get_contents($this->file($key));
        [$expires, $of, $value] = explode("\n", $text, 3);

        return $of === $key && (int) $expires > time() ? unserialize($value) : false;
    }

    public function store(string $key, mixed $data): bool
    {
        return writeWhole($this->file($key), time() + 3600 . "\n$key\n" . serialize($data));
    }

    private function file(string $key): string
    {
        return "$this->folder/" . hash('xxh128', $key);
    }
}

/** Readers see the old file or the new one. */
function writeWhole(string $file, string $text): bool
{
    $new = "$file." . getmypid();

    return file_put_contents($new, $text) === strlen($text) && rename($new, $file);
}
