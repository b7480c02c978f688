<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

use SharedCache\Console\Text;

/** What the cache says of itself at one moment. */
final class Snapshot
{
    /**
     * @param array<string, mixed> $info of cache_info()
     * @param array<array-key, array<string, int|float>> $queues of cache_queue_info()
     * @param array<array-key, array<string, mixed>> $locks of cache_lock_info()
     * @param float $now seconds since the epoch
     */
    public function __construct(
        public readonly array $info,
        public readonly array $queues,
        public readonly array $locks,
        public readonly float $now,
    ) {
    }

    public static function take(): self
    {
        return new self(cache_info(), cache_queue_info(), cache_lock_info(), microtime(true));
    }

    public function counter(string $name): int
    {
        [$group, $reason] = explode('.', $name, 2) + [1 => null];

        return $reason === null ? $this->info[$group] : $this->info[$group][$reason];
    }

    /** Look-ups that were answered: with a fresh value, or with a stale one. */
    public function answered(): int
    {
        return $this->info['hits'] + $this->info['stale_hits'];
    }

    public function lookups(): int
    {
        return $this->answered() + array_sum($this->info['misses']);
    }

    /** @return float|null null: nothing was looked up yet */
    public function hitRatio(): ?float
    {
        return $this->lookups() === 0 ? null : $this->answered() / $this->lookups();
    }

    /** Seconds since the segment was made, and its counters began. */
    public function age(): float
    {
        return max(0.001, $this->now - $this->info['segment']['created'] / 1e6);
    }

    /** Part of `cache.size` that holds something. */
    public function fill(): float
    {
        return min(1.0, $this->info['memory']['used'] / $this->info['segment']['size']);
    }

    /** The fingerprint of PHP's build and the format, which is the end of the file's name. */
    public function fingerprint(): string
    {
        return substr((string) strrchr($this->info['segment']['path'], '.'), 1);
    }

    public function segmentName(): string
    {
        return basename($this->info['segment']['path'], '.' . $this->fingerprint());
    }

    /** Why values are copied, as far as it can be told; null: they are not. */
    public function whyCopies(): ?string
    {
        if ($this->info['segment']['mode'] === 'zero-copy') {
            return null;
        }

        return match (true) {
            ini_get('cache.zero_copy') === 'off' => 'cache.zero_copy is off',
            $this->info['segment']['guest'] => 'this process found no place of its own in the segment: more than '
                . 'cache.max_processes are attached',
            default => 'the address range that is common to all processes could not be mapped in this one: it is '
                . 'taken, or `ulimit -v` leaves no room for it',
        };
    }

    /** @return array<string, mixed> for JSON; names that are no UTF-8 come in base64, too */
    public function forScripts(): array
    {
        $warnings = Health::of($this);

        return [
            'enabled' => true,
            'healthy' => ($warnings[0]->level ?? Level::Info) === Level::Info,
            'warnings' => array_map(static fn (Warning $warning): array => [
                'level' => $warning->level->value,
                'code' => $warning->code,
                'text' => $warning->text,
            ], $warnings),
            'time' => $this->now,
            'hit_ratio' => $this->hitRatio(),
            'fill' => $this->fill(),
            'info' => array_diff_key($this->info, ['histograms' => true]),
            'queues' => self::named($this->queues),
            'locks' => self::named($this->locks),
        ];
    }

    /** @return list<array<string, mixed>> */
    private static function named(array $fields): array
    {
        return array_map(static function (string|int $name, array $values): array {
            $key = Text::jsonKey((string) $name);

            return ['name' => $key['key']]
                + (isset($key['key_base64']) ? ['name_base64' => $key['key_base64']] : []) + $values;
        }, array_keys($fields), $fields);
    }
}
