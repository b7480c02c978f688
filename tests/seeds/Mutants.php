<?php

declare(strict_types=1);

namespace SharedCache\Tests\Seeds;

/** Runs the tests: on a copy of the library as it is, then on copies with one edit each. */
final class Mutants
{
    /** What PHPUnit may take, in seconds; a machine may do much else. */
    private const PATIENCE = 600;

    private readonly string $scratch;
    private readonly string $extension;

    public function __construct(private readonly string $php, string $extension)
    {
        $this->extension = realpath($extension) ?: throw new \RuntimeException("No such file: $extension");
    }

    /**
     * @param list<Record> $records
     * @param list<string> $arguments
     */
    public function run(array $records, array $arguments): int
    {
        $jobs = 2;
        $words = [];
        foreach ($arguments as $argument) {
            if (preg_match('/^--jobs=([1-9]\d?)$/D', $argument, $found)) {
                $jobs = (int) $found[1];
            } else {
                $words[] = $argument;
            }
        }
        $records = array_values(array_filter($records, static fn (Record $record): bool => !$words
            || str_replace($words, '', $text = "$record->system $record->behaviour $record->test $record->edit") !== $text));
        if (!$records) {
            throw new \RuntimeException('There is no such record');
        }
        $this->scratch = rtrim((string) shell_exec('mktemp -d "${TMPDIR:-/tmp}/cache-seeds.XXXXXX"'));
        try {
            for ($job = 0; $job < $jobs; $job++) {
                $this->copy("$this->scratch/$job");
            }

            return $this->areSound($records) && $this->allAreCaught($records, $jobs) ? 0 : 1;
        } finally {
            shell_exec('rm -rf ' . escapeshellarg($this->scratch));
        }
    }

    private function copy(string $folder): void
    {
        mkdir("$folder/tests", recursive: true);
        // Tests find the library beside them.
        $suites = array_map(static fn (string $name): string => escapeshellarg(ROOT . "/tests/$name"), [...array_keys(SYSTEMS), 'php', 'worker']);
        shell_exec(sprintf('cp -r %s %s && cp -r %s %2$s/tests', escapeshellarg(ROOT . '/php_src'), escapeshellarg($folder), implode(' ', $suites)));
    }

    /** Each test that is named is there, runs, and passes. @param list<Record> $records */
    private function areSound(array $records): bool
    {
        $bySuite = [];
        foreach ($records as $record) {
            foreach ($record->tests() as $test) {
                $bySuite[explode('/', $test)[0]][$test] = true;
            }
        }
        $sound = true;
        foreach ($bySuite as $suite => $tests) {
            $report = "$this->scratch/$suite.xml";
            $began = hrtime(true);
            [$process, $pipe] = $this->start("$this->scratch/0", array_keys($tests), ['--log-junit', $report]);
            $output = stream_get_contents($pipe);
            $status = proc_close($process);
            $xml = is_file($report) ? file_get_contents($report) : '';
            $missing = array_filter(array_keys($tests), static fn (string $test): bool => !self::hasRun($xml, $test));
            $skipped = substr_count($xml, '<skipped');
            if ($status !== 0 || $missing || $skipped) {
                $sound = false;
                printf("%s: FAILS on the library as it is, %d skipped, not run: %s\n%s\n", $suite, $skipped, implode(' ', $missing), $output);
            } else {
                printf("%-7s %3d tests pass on the library as it is, %d s\n", $suite, count($tests), self::since($began));
            }
        }

        return $sound;
    }

    /** Is a test in PHPUnit's report, with one of its data sets at least? */
    private static function hasRun(string $xml, string $test, bool $andFailed = false): bool
    {
        [$class, $method] = explode('::', explode('/', $test)[1]);
        $name = preg_quote($method, '/') . '(?: with data set [^>]*)?';

        return preg_match(
            "/<testcase name=\"$name\" class=\"(?:[^\"]*\\\\)?$class\"" . ($andFailed ? '[^>]*[^\/]>\s*<(?:failure|error)/' : '/'),
            $xml,
        ) === 1;
    }

    /** @param list<Record> $records */
    private function allAreCaught(array $records, int $jobs): bool
    {
        $running = [];
        $caught = 0;
        $count = count($records);
        while ($records || $running) {
            for ($job = 0; $job < $jobs && $records; $job++) {
                if (!isset($running[$job])) {
                    $running[$job] = $this->try(array_shift($records), "$this->scratch/$job");
                }
            }
            $pipes = array_column($running, 'pipe');
            $none = null;
            stream_select($pipes, $none, $none, self::PATIENCE);
            foreach ($running as $job => &$one) {
                $one['output'] .= fread($one['pipe'], 65536);
                if (feof($one['pipe'])) {
                    $caught += (int) $this->isCaught($one, "$this->scratch/$job");
                    unset($running[$job]);
                }
            }
            unset($one);
        }
        printf("%d caught, %d not\n", $caught, $count - $caught);

        return $caught === $count;
    }

    /** @return array{record: Record, process: resource, pipe: resource, output: string, files: array<string, string>, began: int} */
    private function try(Record $record, string $folder): array
    {
        $read = static fn (string $file): string => file_get_contents("$folder/php_src/$file");
        $files = $record->apply($read);
        $original = array_combine(array_keys($files), array_map($read, array_keys($files)));
        foreach ($files as $file => $text) {
            file_put_contents("$folder/php_src/$file", $text);
        }
        // Of several each must fail.
        $stop = $record->also ? [] : ['--stop-on-failure', '--stop-on-error'];
        [$process, $pipe] = $this->start($folder, $record->tests(), ['--log-junit', "$folder/report.xml", ...$stop]);
        stream_set_blocking($pipe, false);

        return ['record' => $record, 'process' => $process, 'pipe' => $pipe, 'output' => '', 'files' => $original, 'began' => hrtime(true)];
    }

    /** @param array{record: Record, process: resource, output: string, files: array<string, string>, began: int} $one */
    private function isCaught(array $one, string $folder): bool
    {
        $status = proc_close($one['process']);
        foreach ($one['files'] as $file => $text) {
            file_put_contents("$folder/php_src/$file", $text);
        }
        $record = $one['record'];
        // Failures that PHPUnit reports, and not that it could not begin.
        $report = "$folder/report.xml";
        $xml = is_file($report) ? file_get_contents($report) : '';
        $missed = array_filter($record->tests(), static fn (string $test): bool => !self::hasRun($xml, $test, true));
        $xml === '' || unlink($report);
        $caught = !$missed;
        preg_match('/^1\) [^\n]*\n(.*?)\n\n/ms', $one['output'], $found);
        $how = $caught
            ? strtr(substr($found[1] ?? '', 0, 120), "\n", ' ')
            : "NOT CAUGHT (status $status) by " . implode(', ', array_map($record->shown(...), $missed));
        printf(
            "%s: %s\n    %s, if %s\n    %s (%d s)\n",
            $record->system,
            $record->behaviour,
            implode(', ', array_map($record->shown(...), $record->tests())),
            $record->edit,
            $how,
            self::since($one['began']),
        );
        if (!$caught && $xml === '') {
            echo preg_replace('/^/m', '        ', substr($one['output'], -2000)), "\n";
        }

        return $caught;
    }

    /**
     * @param list<string> $tests of one folder
     * @param list<string> $options of PHPUnit
     * @return array{resource, resource} the process, and its output
     */
    private function start(string $folder, array $tests, array $options): array
    {
        $names = [];
        foreach ($tests as $test) {
            [$suite, $name] = explode('/', $test);
            $names[] = preg_quote($name, '/');
        }
        $filter = '/(^|\\\\)(' . implode('|', $names) . ')( with data set .*)?$/s';
        $command = ['timeout', '-k', '5', (string) self::PATIENCE, "$folder/tests/$suite/run", $this->php, $this->extension];
        $environment = ['DRUPAL_CORE' => '', 'WCF_LIB' => ''] + getenv();
        $process = proc_open([...$command, '--filter', $filter, ...$options], [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes, $folder, $environment);

        return [$process, $pipes[1]];
    }

    private static function since(int $began): int
    {
        return (int) round((hrtime(true) - $began) / 1e9);
    }
}
