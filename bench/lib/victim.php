<?php
declare(strict_types=1);

require_once __DIR__ . '/ledger.php';

/**
 * One of the processes that the kill drill kills and starts again. It alone writes its keys. Each write has a number;
 * the ledger has, for each key, the number that is being written and the one that was acknowledged. Whoever takes over
 * after a kill must find one of the two: the acknowledged value or, if the kill came in between, the new one.
 *
 * The number tells what is written: strings up to 4 KB, arrays, integers, and at times nothing, which is a delete. Each
 * value names its key and number and has a checksum, so that every process can check what it fetches of others.
 */
final class Victim
{
    public const KEYS = 20;
    /* Words of the ledger, for each victim. */
    public const DONE = 0;
    public const INSIDE = 1;
    public const CORRUPT = 2;
    public const LOST = 3;
    public const REFUSED = 4;
    public const LONGEST_NS = 5;
    private const FIRST_KEY = 8;
    /* One more key: a counter. */
    public const WORDS = self::FIRST_KEY + 2 * (self::KEYS + 1);

    private readonly Closure $store;
    private readonly Closure $fetch;
    private readonly Closure $delete;
    private readonly Closure $inc;
    private readonly int $base;

    public function __construct(
        private readonly Ledger $ledger,
        string $library,
        private readonly int $number,
        private readonly int $victims,
    ) {
        $this->store = "{$library}_store"(...);
        $this->fetch = "{$library}_fetch"(...);
        $this->delete = "{$library}_delete"(...);
        $this->inc = "{$library}_inc"(...);
        $this->base = $number * self::WORDS;
    }

    /** Until it is killed. */
    public function run(): never
    {
        mt_srand(getmypid() ^ hrtime(true));
        $this->checkOwn();
        for (;;) {
            $before = hrtime(true);
            match (mt_rand(0, 9)) {
                0, 1, 2, 3, 4, 5 => $this->write(mt_rand(0, self::KEYS - 1)),
                6 => $this->count(),
                7 => $this->checkKey(mt_rand(0, self::KEYS)),
                default => $this->found(mt_rand(0, $this->victims - 1), mt_rand(0, self::KEYS - 1)),
            };
            $this->ledger->raise($this->base + self::LONGEST_NS, hrtime(true) - $before);
            $this->ledger->add($this->base + self::DONE, 1);
        }
    }

    /** Everything of this victim is as it was acknowledged, or as it was about to be. */
    public function checkOwn(): void
    {
        array_map($this->checkKey(...), range(0, self::KEYS));
    }

    private function checkKey(int $key): void
    {
        $allowed = [$this->ledger->get($this->word($key)), $this->ledger->get($this->word($key) + 1)];
        $now = $key === self::KEYS ? $this->checkedCounter($allowed) : $this->checkedValue($key, $allowed);
        $this->ledger->set($this->word($key), $now);
        $this->ledger->set($this->word($key) + 1, $now);
    }

    /** @param array{int, int} $allowed */
    private function checkedCounter(array $allowed): int
    {
        $found = (int) $this->inside($this->fetch, "$this->number:count");
        $this->ledger->add($this->base + self::LOST, in_array($found, $allowed, true) ? 0 : 1);

        return $found;
    }

    /**
     * @param array{int, int} $allowed
     * @return int the number that stands for what is there now
     */
    private function checkedValue(int $key, array $allowed): int
    {
        $found = $this->found($this->number, $key);
        if ($found === null) {
            return max($allowed);
        }
        foreach ($allowed as $number) {
            if ($found === $number || $found === 0 && self::isDelete($number)) {
                return $number;
            }
        }
        $this->ledger->add($this->base + self::LOST, 1);

        return $found === 0 ? self::nextDelete(max($allowed)) : $found;
    }

    private function write(int $key): void
    {
        $number = $this->ledger->get($this->word($key)) + 1;
        $this->ledger->set($this->word($key), $number);
        if (self::isDelete($number)) {
            $this->inside($this->delete, "$this->number:$key");
        } elseif (!$this->inside($this->store, "$this->number:$key", self::value($this->number, $key, $number))) {
            // A store that failed has removed the old value.
            $this->ledger->add($this->base + self::REFUSED, 1);
            $number = self::nextDelete($number);
            $this->ledger->set($this->word($key), $number);
        }
        $this->ledger->set($this->word($key) + 1, $number);
    }

    private function count(): void
    {
        $word = $this->word(self::KEYS);
        $intended = $this->ledger->get($word + 1) + 1;
        $this->ledger->set($word, $intended);
        if ($this->inside($this->inc, "$this->number:count") !== $intended) {
            $this->ledger->add($this->base + self::LOST, 1);
        }
        $this->ledger->set($word + 1, $intended);
    }

    /** The number of the value under a key; 0: absent; null: not one that belongs there, counted as corrupt. */
    private function found(int $victim, int $key): ?int
    {
        $value = $this->inside($this->fetch, "$victim:$key");
        if ($value === false) {
            return 0;
        }
        $number = match (true) {
            is_int($value) => $value >> 16,
            is_string($value) => (int) strtok($value, ':'),
            is_array($value) => $value['number'] ?? -1,
            default => -1,
        };
        if ($number > 0 && !self::isDelete($number) && $value === self::value($victim, $key, $number)) {
            return $number;
        }
        $this->ledger->add($this->base + self::CORRUPT, 1);

        return null;
    }

    /** Marks in the ledger that the process is inside of a call of the cache. */
    private function inside(Closure $call, mixed ...$arguments): mixed
    {
        $this->ledger->set($this->base + self::INSIDE, 1);
        $result = $call(...$arguments);
        $this->ledger->set($this->base + self::INSIDE, 0);

        return $result;
    }

    private static function isDelete(int $number): bool
    {
        return $number % 8 === 7 || $number === 0;
    }

    private static function nextDelete(int $number): int
    {
        return $number - $number % 8 + 7;
    }

    private static function value(int $victim, int $key, int $number): mixed
    {
        $sum = crc32("$victim:$key:$number");

        return match ($number % 8) {
            0, 1, 2 => str_pad("$number:$victim:$key:$sum:", 64 + $sum % 4000, (string) $sum),
            3, 4 => ['number' => $number, 'of' => [$victim, $key], 'sum' => $sum, 'list' => range(0, $sum % 50)],
            default => $number << 16 | ($sum ^ $victim ^ $key) & 0xffff,
        };
    }

    private function word(int $key): int
    {
        return $this->base + self::FIRST_KEY + 2 * $key;
    }
}
