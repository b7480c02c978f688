<?php
declare(strict_types=1);

/**
 * APCu with three keys an item, and the chain that knows of them, as https://www.drupal.org/project/drupal/issues/3395260
 * describes them: the item, the time it is of, which alone is exchanged when a string is the same, and a word of which the exchange
 * decides who stores.
 */
final class ThreeKeys
{
    public function __construct(private readonly string $prefix)
    {
    }

    /** @return array<string, object> by cid, with the words that were read */
    public function getMultiple(array &$cids): array
    {
        $keys = [];
        foreach ($cids as $cid) {
            array_push($keys, "$this->prefix$cid", "$this->prefix$cid:time", "$this->prefix$cid:lock");
        }
        $found = apcu_fetch($keys);
        $items = [];
        foreach ($cids as $cid) {
            $item = $found["$this->prefix$cid"] ?? null;
            if ($item) {
                $item->valid = $item->expire === -1 || $item->expire >= $_SERVER['REQUEST_TIME'];
                $item->words = [$found["$this->prefix$cid:time"] ?? null, $found["$this->prefix$cid:lock"] ?? null];
                $item->created = ($item->words[0] ?? 0) / 1e6;
                $item->tags = $item->tags === '' ? [] : explode(' ', $item->tags);
                if ($item->valid) {
                    $items[$cid] = $item;
                }
            }
        }
        $cids = array_diff($cids, array_keys($items));

        return $items;
    }

    /** @return bool was only the time exchanged? */
    public function set(string $cid, mixed $data, int $expire, array $tags, ?object $old): bool
    {
        $now = (int) (microtime(true) * 1e6);
        $key = "$this->prefix$cid";
        [$time, $lock] = $old->words ?? [null, null];
        $time ?? apcu_add("$key:time", 0);
        if ($old && is_string($old->data) && $old->data === $data) {
            apcu_cas("$key:time", $time ?? 0, $now);
            return true;
        }
        $lock ?? apcu_add("$key:lock", 0);
        if (apcu_cas("$key:lock", $lock ?? 0, mt_rand(1, PHP_INT_MAX))) {
            apcu_store($key, (object) ['cid' => $cid, 'data' => $data, 'expire' => $expire, 'tags' => implode(' ', $tags)]);
            apcu_cas("$key:time", $time ?? 0, $now);
        }

        return false;
    }
}

/** The chain in front of a consistent backend, of one bin and one request. */
final class ThreeKeysChain
{
    private const MARK = 'last_write_timestamp_cache_render';
    /** Writes to the fast backend: those that only exchanged a time, and all. */
    public static array $writes = [0, 0];

    public function __construct(private readonly object $consistent, private readonly ThreeKeys $fast)
    {
    }

    public function getMultiple(array &$cids): array
    {
        $mark = $this->consistent->get(self::MARK)->data ?? 0.0;
        $wanted = $cids;
        $fast = $this->fast->getMultiple($wanted);
        $items = [];
        foreach ($fast as $cid => $item) {
            if ($item->created >= $mark) {
                $items[$cid] = $item;
            } else {
                $wanted[] = $cid;
            }
        }
        if ($wanted) {
            foreach ($this->consistent->getMultiple($wanted) as $cid => $item) {
                $items[$cid] = $item;
                self::$writes[0] += (int) $this->fast->set($cid, $item->data, (int) $item->expire, $item->tags, $fast[$cid] ?? null);
                ++self::$writes[1];
            }
        }
        $cids = array_diff($cids, array_keys($items));

        return $items;
    }

    public function set(string $cid, mixed $data): void
    {
        $this->consistent->set($cid, $data);
        $this->consistent->set(self::MARK, microtime(true) + 1e-6);
    }
}
