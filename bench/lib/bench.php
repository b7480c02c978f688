<?php
declare(strict_types=1);

/** A row's process failed; the message says how. */
final class BenchFailed extends RuntimeException
{
}

/** What the rows share: the settings of this run, and processes with the extensions loaded. */
final class Bench
{
    /** @var resource|null the process that is running */
    private $running;

    public function __construct(
        public readonly bool $quick,
        public readonly int $kills,
        public readonly ?string $traces,
        /** cache.so; apcu.so and igbinary.so if they are there */
        public readonly string $extension,
        public readonly ?string $apcu,
        public readonly ?string $igbinary,
        /** where bench/core/Makefile has built */
        public readonly string $programs,
        /** of mode 0700, in shared memory: for segments */
        public readonly string $segments,
        /** for files */
        public readonly string $work,
        /** less of everything, but enough for figures */
        public readonly bool $short = false,
        /** 10^7 entries, segments of 8 GB */
        public readonly bool $large = false,
        /** yac.so, if it is there */
        public readonly ?string $yac = null,
        /** @var list<string> further builds of apcu.so, for the row peers */
        public readonly array $otherApcus = [],
    ) {
    }

    /** @template T @param T $full @param T $quick @param T $short null: as $full @return T */
    public function full(mixed $full, mixed $quick, mixed $short = null): mixed
    {
        return match (true) {
            $this->quick => $quick,
            $this->short => $short ?? $full,
            default => $full,
        };
    }

    /** @return list<string> what can be measured: "cache", and "apcu" if it is there */
    public function libraries(): array
    {
        return $this->apcu === null ? ['cache'] : ['cache', 'apcu'];
    }

    /** @return list<string> apc.serializer, "default" being none: the fastest depends on the value */
    public function serializers(): array
    {
        return $this->igbinary === null ? ['php', 'default'] : ['php', 'default', 'igbinary'];
    }

    /**
     * Runs bench/workers/NAME.php in a PHP process of its own, with an empty segment of its own.
     *
     * @param list<string|int|float> $arguments
     * @param array<string, string|int> $settings php.ini
     * @param list<string> $extensions to load beyond the usual ones
     * @param string|null $apcu another build of APCu
     * @return array the JSON that it prints
     */
    public function php(
        string $worker,
        array $arguments,
        string $size = '64M',
        array $settings = [],
        int $seconds = 600,
        array $extensions = [],
        ?string $apcu = null,
    ): array {
        $command = [PHP_BINARY, ...$this->options($size, $settings + ['cache.segment' => $worker], $apcu)];
        foreach ($extensions as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        array_push($command, dirname(__DIR__) . "/workers/$worker.php", ...array_map(strval(...), $arguments));

        return json_decode($this->output($command, $seconds), true, flags: JSON_THROW_ON_ERROR);
    }

    /**
     * What loads the extensions into PHP, whichever server it is in.
     *
     * @param array<string, string|int> $settings php.ini
     * @param string|null $apcu another build of APCu
     * @return list<string> options of the command line
     */
    public function options(string $size, array $settings, ?string $apcu = null): array
    {
        $settings += [
            'cache.segment_dir' => $this->segments,
            'cache.size' => $size,
            'cache.enable_cli' => 1,
            'apc.shm_size' => $size,
            'apc.enable_cli' => 1,
            'opcache.enable_cli' => 1,
            'opcache.file_update_protection' => 0,
            'memory_limit' => -1,
            'display_errors' => 'stderr',
        ];
        $options = ['-n', '-d', 'zend_extension=opcache'];
        // APCu before igbinary, which registers itself as a serializer.
        foreach (['posix', 'shmop', $this->extension, $apcu ?? $this->apcu, $this->igbinary] as $extension) {
            if ($extension !== null) {
                array_push($options, '-d', "extension=$extension");
            }
        }
        foreach ($settings as $name => $value) {
            array_push($options, '-d', "$name=$value");
        }

        return $options;
    }

    /**
     * Can they be loaded, in this order, beside the usual ones?
     *
     * @param list<string> $extensions
     */
    public function loads(array $extensions): bool
    {
        $command = [PHP_BINARY, ...$this->options('16M', ['display_startup_errors' => 0, 'cache.segment' => 'loads'])];
        foreach ($extensions as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        $names = array_map(static fn (string $file): string => basename($file, '.so'), $extensions);
        $missing = 'echo (int) (array_diff($names, array_map("strtolower", get_loaded_extensions())) !== []);';
        // Warnings about what is missing go where nobody reads them.
        array_push($command, '-d', 'display_errors=0', '-r', '$names = ' . var_export($names, true) . "; $missing");

        return trim($this->output(['bash', '-c', '"$@" 2>/dev/null', 'loads', ...$command], 60)) === '0';
    }

    /**
     * A program of bench/core.
     *
     * @param list<string|int> $arguments
     * @param string|null $input an .xz file
     * @return list<array> its lines of JSON
     */
    public function program(string $name, array $arguments, ?string $input = null, int $seconds = 600): array
    {
        $command = ["$this->programs/$name", ...array_map(strval(...), $arguments)];
        if ($input !== null) {
            $command = ['bash', '-c', 'set -o pipefail; xz -dc -- "$0" 2>/dev/null | "$@"', $input, ...$command];
        }

        return array_map(
            static fn (string $line): array => json_decode($line, true, flags: JSON_THROW_ON_ERROR),
            explode("\n", trim($this->output($command, $seconds))),
        );
    }

    /** Ends whatever is running, with all that it forked. */
    public function stop(): void
    {
        if ($this->running) {
            // timeout(1) has made a process group. Its members may be past being ended by anything else.
            posix_kill(-proc_get_status($this->running)['pid'], SIGKILL);
            proc_close($this->running);
            $this->running = null;
        }
    }

    /**
     * What the command prints. timeout(1) makes a process group of it and kills the whole group when the time is over.
     * Segments are removed afterwards.
     *
     * @param list<string> $command
     */
    private function output(array $command, int $seconds): string
    {
        array_unshift($command, 'timeout', '-s', 'KILL', (string) $seconds);
        $this->running = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w']], $pipes);
        $output = '';
        while (!feof($pipes[1])) {
            $readable = [$pipes[1]];
            $none = null;
            // In short waits, so that signals are seen.
            if (@stream_select($readable, $none, $none, 1)) {
                $output .= fread($pipes[1], 65536);
            }
        }
        $status = proc_close($this->running);
        $this->running = null;
        $this->removeSegments();
        if ($status !== 0) {
            throw new BenchFailed(sprintf('%s ended with status %d', $this->programOf($command), $status));
        }

        return $output;
    }

    /** @param list<string> $command */
    private function programOf(array $command): string
    {
        foreach ($command as $word) {
            if (str_ends_with($word, '.php') || str_starts_with($word, $this->programs)) {
                return basename($word);
            }
        }

        return $command[0];
    }

    private function removeSegments(): void
    {
        array_map(unlink(...), glob("$this->segments/*"));
    }
}
