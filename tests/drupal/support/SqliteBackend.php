<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\Core\Cache\CacheTagsChecksumInterface;
use Drupal\shared_cache\Cache\RowVersionsInterface;

/** A consistent backend on SQLite that counts what it is asked for, and stops where a test wants it to. */
final class SqliteBackend implements CacheBackendInterface, RowVersionsInterface
{
    /** Queries: for marks, for items, for versions; rows of the latter two; writes of marks, of items. */
    public array $counts = [];
    /** @var array<string, \Closure(): void> called once, after 'read' or 'write' of items, before what was read is returned */
    public array $after = [];
    /** What rows that are written have as `created`, instead of the time. */
    public ?float $created = null;
    private \PDO $pdo;

    public function __construct(
        private readonly string $file,
        private readonly CacheTagsChecksumInterface $tags,
        private readonly RequestTime $time,
        private readonly string $bin = 'cache_render',
        ?\PDO $pdo = null,
    ) {
        $pdo ? $this->pdo = $pdo : $this->connect();
        $this->pdo->exec("CREATE TABLE IF NOT EXISTS $bin (cid TEXT PRIMARY KEY, data BLOB, created TEXT, expire INT, tags TEXT, checksum TEXT)");
        $this->forgetCounts();
    }

    /** In a forked process. */
    public function connect(): void
    {
        $this->pdo = new \PDO("sqlite:$this->file", options: [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION, \PDO::ATTR_TIMEOUT => 20]);
        $this->pdo->exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    }

    public function forgetCounts(): void
    {
        $this->counts = array_fill_keys(['marks', 'queries', 'items', 'version queries', 'versions', 'marked', 'written'], 0);
    }

    public function get($cid, $allow_invalid = false)
    {
        $cids = [$cid];
        $items = $this->getMultiple($cids, $allow_invalid);

        return reset($items);
    }

    public function getMultiple(&$cids, $allow_invalid = false)
    {
        $rows = $this->select('*', $cids);
        if (self::isMark(reset($cids))) {
            ++$this->counts['marks'];
        } else {
            ++$this->counts['queries'];
            $this->counts['items'] += count($rows);
            $this->stop('read');
        }
        $items = [];
        foreach ($rows as $cid => $row) {
            $row->data = unserialize($row->data);
            $row->tags = $row->tags === '' ? [] : explode(' ', $row->tags);
            $row->valid = ($row->expire == -1 || $row->expire >= $this->time->getRequestTime())
                && $this->tags->isValid($row->checksum, $row->tags);
            if ($row->valid || $allow_invalid) {
                $items[$cid] = $row;
            }
        }
        $cids = array_filter($cids, static fn ($cid): bool => !isset($items[$cid]));

        return $items;
    }

    public function rows(array $cids): array
    {
        $rows = $this->select('cid, created, expire, checksum', $cids);
        ++$this->counts['version queries'];
        $this->counts['versions'] += count($rows);
        $this->stop('versions');

        return $rows;
    }

    public function set($cid, $data, $expire = -1, array $tags = [])
    {
        $checksum = $this->tags->getCurrentChecksum($tags);
        $this->pdo->prepare("REPLACE INTO $this->bin VALUES (?, ?, ?, ?, ?, ?)")
            ->execute([$cid, serialize($data), sprintf('%.3f', $this->created ?? microtime(true)), $expire, implode(' ', $tags), $checksum]);
        ++$this->counts[self::isMark($cid) ? 'marked' : 'written'];
        $this->stop(self::isMark($cid) ? 'mark' : 'write');
    }

    public function setMultiple(array $items)
    {
        foreach ($items as $cid => $item) {
            $this->set((string) $cid, $item['data'], $item['expire'] ?? -1, $item['tags'] ?? []);
        }
    }

    public function delete($cid)
    {
        $this->deleteMultiple([$cid]);
    }

    public function deleteMultiple(array $cids)
    {
        $this->change("DELETE FROM $this->bin", $cids);
    }

    public function deleteAll()
    {
        $this->pdo->exec("DELETE FROM $this->bin");
    }

    public function invalidate($cid)
    {
        $this->invalidateMultiple([$cid]);
    }

    public function invalidateMultiple(array $cids)
    {
        $this->change("UPDATE $this->bin SET expire = " . ($this->time->getRequestTime() - 1), $cids);
    }

    public function invalidateAll()
    {
        $this->pdo->exec("UPDATE $this->bin SET expire = " . ($this->time->getRequestTime() - 1));
    }

    public function garbageCollection()
    {
    }

    public function removeBin()
    {
        $this->deleteAll();
    }

    /** @return array<array-key, object> by cid */
    private function select(string $columns, array $cids): array
    {
        $statement = $this->pdo->prepare("SELECT $columns FROM $this->bin WHERE cid IN (" . self::marks($cids) . ')');
        $statement->execute(array_map(strval(...), array_values($cids)));
        $rows = $statement->fetchAll(\PDO::FETCH_OBJ);

        return array_combine(array_column($rows, 'cid'), $rows);
    }

    private function change(string $query, array $cids): void
    {
        $this->pdo->prepare("$query WHERE cid IN (" . self::marks($cids) . ')')->execute(array_map(strval(...), array_values($cids)));
        $this->stop('write');
    }

    private function stop(string $point): void
    {
        $after = $this->after[$point] ?? null;
        unset($this->after[$point]);
        $after && $after();
    }

    private static function isMark(mixed $cid): bool
    {
        return str_starts_with((string) $cid, 'last_write_timestamp_');
    }

    private static function marks(array $cids): string
    {
        return implode(', ', array_fill(0, count($cids), '?'));
    }
}
