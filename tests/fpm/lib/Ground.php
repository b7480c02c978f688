<?php
declare(strict_types=1);

/** Where a drill happens: a folder, a segment, pages; and how the segment is judged afterwards. */
final class Ground
{
    public readonly string $folder, $segments;
    /** @var list<Fpm|Visitors|Holder> */
    private array $running = [];

    private function __construct(public readonly string $name, public readonly Setup $setup)
    {
        $this->folder = "$setup->work/$name";
        $this->segments = "$setup->shared/$name";
        mkdir($this->folder, 0755);
        mkdir($this->segments, 0700);
        touch("$this->folder/leases");
        touch("$this->folder/popped");
    }

    public static function of(string $name, Setup $setup): self
    {
        return new self($name, $setup);
    }

    /**
     * Settings of PHP with which a process uses the drill's segment. 120M are two shards, each with room for the values of all drills
     * (40 MB): each segment has a key of its own for its hash, and the large ones may all come to lie in one shard.
     *
     * @return array<string, string>
     */
    public function settings(): array
    {
        return [
            'cache.segment_dir' => $this->segments, 'cache.segment' => 'drill', 'cache.size' => '120M',
            'cache.queue_max_attempts' => '100', 'display_errors' => '0', 'log_errors' => '1', 'error_log' => "$this->folder/php.log",
        ];
    }

    /**
     * A php-fpm whose workers use the segment.
     *
     * @param array<string, array<string, string|int>> $pools @param array<string, string> $options @param array<string, string|int> $global
     * @param array<string, string> $environment
     */
    public function fpms(array $pools, array $options = [], array $global = [], string $name = 'fpm', array $environment = []): Fpm
    {
        $options += $this->settings();

        return $this->running[] = new Fpm("$this->folder/$name", $this->setup->extension, $pools, $options, $global, $environment);
    }

    /** One with one pool. @param array<string, string|int> $pool @param array<string, string> $options */
    public function fpm(array $pool = [], array $options = []): Fpm
    {
        return $this->fpms(['pool' => $pool], $options);
    }

    /** Ends what a drill has left, if it did not come to its end, and frees the memory. */
    public function close(): void
    {
        foreach (array_reverse($this->running) as $running) {
            $running->stop();
        }
        removeTree($this->segments);
    }

    public function page(string $name): string
    {
        return "{$this->setup->pages}/$name.php";
    }

    public function visitors(): Visitors
    {
        return $this->running[] = new Visitors($this->folder, $this->setup->pages);
    }

    /**
     * Runs PHP code in a process of its own that uses the segment. Code that does not print JSON fails the drill.
     *
     * @param array<string, string> $settings
     */
    public function cli(string $code, array $settings = []): mixed
    {
        [$output, $status] = $this->php(['-r', 'require ' . var_export("{$this->setup->pages}/common.php", true) . "; $code"], $settings);
        $last = substr((string) strrchr("\n$output", "\n"), 1); // before it may stand what it has to log
        $answer = json_decode($last, true);
        if ($status !== 0 || ($answer === null && $last !== 'null')) {
            check('a process of the command line does its part', false, [$code, $status, $output]);
        }

        return $answer;
    }

    /** @param list<string> $arguments @param array<string, string> $settings @return array{string, int} */
    public function php(array $arguments, array $settings = []): array
    {
        $command = ['timeout', '-k', '5', '120', ...$this->command($settings), ...$arguments];
        exec(implode(' ', array_map(escapeshellarg(...), $command)) . ' 2>&1', $lines, $status);

        return [implode("\n", $lines), $status];
    }

    /** @param array<string, string> $settings @return list<string> */
    public function command(array $settings = []): array
    {
        $command = [PHP_BINARY, '-n', '-d', 'extension=posix', '-d', "extension={$this->setup->extension}"];
        foreach ($settings + ['display_errors' => 'stderr', 'error_log' => ''] + $this->settings() as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }

        return $command;
    }

    /** @param list<string>|null $command */
    public function holder(string $code, ?array $command = null): Holder
    {
        return $this->running[] = new Holder($command ?? $this->command(), $code);
    }

    /** The segment's file. */
    public function file(): string
    {
        return glob("$this->segments/drill.*")[0] ?? '';
    }

    /**
     * What must hold when those who used the segment are gone or idle: the structure is sound as it was left; nobody is left
     * behind, nothing pinned, no lease, lock or job of theirs; each value can be read; and nothing was dropped or evicted.
     */
    public function judge(int $processes = 1): void
    {
        $info = $this->cli('cache_info(); echo json_encode(cache_info());');
        check('nobody who is gone is counted as attached, and nothing is pinned', $info['segment']['processes'] === $processes
            && $info['memory']['pinned'] === 0, [$info['segment'], $info['memory']['pinned']]);
        check('nothing was found damaged, nothing was evicted', $info['dropped_corrupt'] === 0 && $info['evictions'] === 0
            && $info['evictions_chain'] === 0 && $info['failed']['memory'] === 0, $info);
        [$output, $status] = $this->setup->verify($this->file(), $this->folder);
        check('the segment is sound as it was left', $status === 0 && str_ends_with($output, '0 broken'), $output);
        $command = ["{$this->setup->root}/php_src/bin/cache-worker", 'verify', "--bootstrap={$this->setup->pages}/common.php"];
        [$output, $status] = $this->php($command);
        check('... and each value can be read', $status === 0, $output);
        $locks = $this->cli('$held = fn (array $lock): bool => $lock["writer"] || $lock["readers"];
            echo json_encode(array_filter(cache_lock_info(), $held), JSON_FORCE_OBJECT);');
        check('... no lock is held', $locks === [], $locks);
    }

    /** What the visitors know, against what is in the cache and in the notes. */
    public function settle(Account $account): void
    {
        check('each visitor came to his end', $account->missing === 0, $account->missing);
        check('no request hung', $account->hung === 0, $account);
        check('no page found anything wrong', $account->violations === [], array_slice($account->violations, 0, 10));
        check('no page failed', $account->errors === [], array_slice($account->errors, 0, 3));
        $now = $this->cli('$slots = [];
            foreach (' . var_export(array_keys($account->slots), true) . ' as $v) { $slots[$v] = cache_fetch("slot:$v")["n"] ?? 0; }
            $now = ["slots" => $slots, "hits" => cache_fetch("hits"), "merged" => cache_fetch("merged")["n"] ?? 0];
            echo json_encode($now, JSON_FORCE_OBJECT);');
        $lost = [];
        foreach ($account->slots as $v => [$acknowledged, $attempted]) {
            if ($now['slots'][$v] < $acknowledged || $now['slots'][$v] > $attempted) {
                $lost[$v] = [$acknowledged, $attempted];
            }
        }
        check('each acknowledged store is there', $lost === [], [$lost, $now['slots']]);
        check('each acknowledged increment was counted, and none that was not asked for', $now['hits'] >= $account->hits
            && $now['hits'] <= $account->attempted, [$now['hits'], $account->hits, $account->attempted]);
        check('... and each merge', $now['merged'] >= $account->merged && $now['merged'] <= $account->attempted,
            [$now['merged'], $account->merged, $account->attempted]);
        $this->drainQueue($account);
        $this->compareLeases();
    }

    private function drainQueue(Account $account): void
    {
        $rest = $this->cli('$keys = [];
            $running = fn (): bool => cache_queue_info("load")["running"] > 0;
            for ($end = microtime(true) + 20; ($job = cache_queue_pop("load", 1)) || ($running() && microtime(true) < $end);) {
                if ($job) { $keys[] = $job["key"]; cache_queue_ack($job["id"], $job["token"]); }
            }
            echo json_encode(["keys" => $keys, "info" => cache_queue_info("load")]);');
        $done = array_flip([...file("$this->folder/popped", FILE_IGNORE_NEW_LINES), ...$rest['keys']]);
        $lost = array_values(array_filter($account->pushed, static fn (string $key): bool => !isset($done[$key])));
        check('each acknowledged job was run', $lost === [], array_slice($lost, 0, 10));
        $left = array_intersect_key($rest['info'], ['waiting' => 0, 'running' => 0, 'delayed' => 0, 'dead' => 0]);
        check('... and the queue is empty', count($left) === 4 && array_sum($left) === 0, $rest['info']);
    }

    /** Those who have committed had the lease to themselves. */
    private function compareLeases(): void
    {
        $leases = array_map(static fn (string $line): array => array_map(intval(...), explode(' ', $line)), file("$this->folder/leases"));
        sort($leases);
        $overlaps = [];
        for ($i = 1; $i < count($leases); ++$i) {
            if ($leases[$i][0] < $leases[$i - 1][1]) {
                $overlaps[] = [$leases[$i - 1], $leases[$i]];
            }
        }
        check('no two who committed had the lease at once', $overlaps === [], array_slice($overlaps, 0, 3));
    }
}

/** What all drills have in common. */
final class Setup
{
    public function __construct(
        public readonly string $root,
        public readonly string $work,
        public readonly string $shared,
        public readonly string $extension,
        public readonly string $pages,
        private readonly string $verifier,
        /** How long a drill puts the cache under load. */
        public readonly float $seconds,
    ) {
    }

    /** @return array{string, int} */
    public function verify(string $file, string $folder): array
    {
        mkdir("$folder/verify", 0700);
        $command = ['timeout', '60', $this->verifier, $file, "$folder/verify"];
        exec(implode(' ', array_map(escapeshellarg(...), $command)) . ' 2>&1', $lines, $status);
        removeTree("$folder/verify");

        return [implode("\n", $lines), $status];
    }
}
