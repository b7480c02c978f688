<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\BasicObjectMapper;
use SharedCache\Index\FindOptions;
use SharedCache\Index\Mode;
use SharedCache\Index\ObjectManager;
use SharedCache\Index\Order;
use SharedCache\Index\PdoObjectStorage;
use SharedCache\Index\UniqueFeatureIndex;
use SharedCache\Pool;

/** The topics of a wiki's boards: what one process has open. */
final class Wiki
{
    public readonly Pool $pool;
    public readonly Database $database;
    public readonly Storage $storage;
    public readonly Cache $cache;
    public readonly UniqueFeatureIndex $primary;
    public readonly UniqueFeatureIndex $slugs;
    public readonly StoppingIndex $list;
    public readonly ObjectManager $topics;

    public function __construct(Mode $mode = Mode::UpdateInPlace, int $limit = 5, float $grace = 0, ?callable $create = null, float $staleTtl = 0)
    {
        $this->pool = new Pool('wiki', ttl: 3600, staleTtl: $staleTtl);
        $this->database = new Database(getenv('CACHE_TEST_FOLDER') . '/wiki.sqlite');
        $this->database->exec('CREATE TABLE IF NOT EXISTS topic (id INTEGER PRIMARY KEY, board INTEGER, updated INTEGER,'
            . ' title TEXT, slug TEXT UNIQUE)');
        $this->storage = new Storage(new PdoObjectStorage($this->database, 'topic', ['id'], 'id'));
        $this->cache = new Cache($this->pool, $this->database, $grace);
        $this->primary = new UniqueFeatureIndex($this->cache, $this->storage, 'topic', ['id'], mode: $mode);
        $this->slugs = new UniqueFeatureIndex($this->cache, $this->storage, 'slug', ['slug'], $this->primary, $mode);
        $this->list = new StoppingIndex($this->cache, $this->storage, 'list', ['board'], ['updated'], Order::Desc, $limit,
            $this->primary, $create, mode: $mode);
        $this->topics = new ObjectManager($this->cache, new BasicObjectMapper(
            static fn (Topic $topic): array => $topic->row(),
            Topic::of(...),
        ), $this->storage, [$this->primary, $this->slugs, $this->list]);
    }

    public static function reset(): void
    {
        cache_clear();
        array_map(unlink(...), glob(getenv('CACHE_TEST_FOLDER') . '/*') ?: []);
    }

    public function post(int $board, int $updated, string $title = 'title', ?string $slug = null): Topic
    {
        $topic = new Topic(null, $board, $updated, $title, $slug);
        $this->topics->put($topic);

        return $topic;
    }

    /** @return list<int> ids of a board's list, by way of the index */
    public function ids(int $board = 1, ?int $limit = null, int $offset = 0, bool $stale = false): array
    {
        $options = new FindOptions(limit: $limit ?? $this->list->limit(), offset: $offset, stale: $stale);

        return array_column($this->topics->find(['board' => $board], $options), 'id');
    }

    /** @return list<int> what ids() must be */
    public function truth(int $board = 1, ?int $limit = null): array
    {
        $limit ??= $this->list->limit();

        return $this->database->query("SELECT id FROM topic WHERE board = $board ORDER BY updated DESC, id DESC LIMIT $limit")
            ->fetchAll(\PDO::FETCH_COLUMN);
    }

    /** What lies in the cache for a board: rows, null if nothing, false if it is dirty. */
    public function cached(int $board = 1): array|false|null
    {
        $value = $this->pool->get($this->list->keyOf(['board' => $board]));

        return isset($value['dirty']) ? false : $value;
    }

    /**
     * The clean buckets in the cache that say something else than the database.
     *
     * @return list<string>
     */
    public function lies(): array
    {
        $lies = [];
        foreach ($this->pool->walk('index:', values: true) as $key => $entry) {
            [, $index, , $value] = explode(':', $key);
            $value = substr($value, 1);
            $truth = match ($index) {
                'topic' => $this->rows('id = ?', $value),
                'slug' => array_map(static fn (array $row): array => ['id' => $row['id']], $this->rows('slug = ?', $value)),
                'list' => array_map(
                    static fn (array $row): array => ['id' => $row['id'], 'updated' => $row['updated']],
                    array_slice($this->rows('board = ?', $value), 0, $this->list->limit()),
                ),
                default => $entry['value'],
            };
            if (!isset($entry['value']['dirty']) && $entry['value'] != $truth) {
                $lies[] = "$key: " . json_encode($entry['value']) . ', the database: ' . json_encode($truth);
            }
        }

        return $lies;
    }

    private function rows(string $where, string $value): array
    {
        $statement = $this->database->prepare("SELECT * FROM topic WHERE $where ORDER BY updated DESC, id DESC");
        $statement->execute([$value]);

        return $statement->fetchAll(\PDO::FETCH_ASSOC);
    }
}
