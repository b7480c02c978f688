<?php

declare(strict_types=1);

namespace SharedCache\Tests\Seeds;

/** Whether the records fit today's sources. Seconds; continuous integration runs it. */
final class Checks
{
    /** @param list<Record> $records */
    public function run(array $records): int
    {
        $faults = [];
        foreach ($records as $record) {
            foreach ($record->tests() as $test) {
                if (!self::exists($test)) {
                    $faults[] = "no such test: $test";
                }
            }
            try {
                $files = $record->apply(static fn (string $file): string => file_get_contents(ROOT . "/php_src/$file"));
                array_push($faults, ...self::errors($record, $files));
            } catch (\RuntimeException | \ErrorException $error) {
                $faults[] = $error->getMessage();
            }
        }
        if (!(new Document())->isCurrent($records)) {
            $faults[] = 'docs/seeds.md has other tables: tests/seeds/run --write';
        }
        foreach ($faults as $fault) {
            echo "# $fault\n";
        }
        printf("%sok - behaviours: %d, with their tests and edits\n", $faults ? 'not ' : '', count($records));

        return $faults ? 1 : 0;
    }

    /** In the class's file, or in that of a class that it extends. */
    private static function exists(string $test): bool
    {
        [$folder, $name] = explode('/', $test) + [1 => ''];
        [$class, $method] = explode('::', $name) + [1 => ''];
        while (is_file($file = ROOT . "/tests/$folder/$class.php")) {
            $text = file_get_contents($file);
            if (preg_match('/\bpublic function ' . preg_quote($method, '/') . '\(/', $text)) {
                return true;
            }
            if (!preg_match("/\\bclass $class extends (\\w+)/", $text, $found)) {
                return false;
            }
            $class = $found[1];
        }

        return false;
    }

    /**
     * @param array<string, string> $files
     * @return list<string> what PHP cannot parse
     */
    private static function errors(Record $record, array $files): array
    {
        $errors = [];
        foreach ($files as $file => $text) {
            if (!str_ends_with($file, '.php')) {
                continue;
            }
            $process = proc_open([PHP_BINARY, '-n', '-l'], [['pipe', 'r'], ['pipe', 'w'], ['redirect', 1]], $pipes);
            fwrite($pipes[0], $text);
            fclose($pipes[0]);
            $output = trim(stream_get_contents($pipes[1]));
            if (proc_close($process) !== 0) {
                $errors[] = "$record->system, $record->edit: $file: $output";
            }
        }

        return $errors;
    }
}
