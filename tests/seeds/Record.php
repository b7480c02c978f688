<?php

declare(strict_types=1);

namespace SharedCache\Tests\Seeds;

/** A behaviour, what proves it, and an edit that breaks it. */
final class Record
{
    public string $behaviour = '';
    /** Folder of tests/, class and method. */
    public string $test = '';
    /** @var list<string> as $test */
    public array $also = [];
    public string $edit = '';
    /** @var list<array{string, string, string}> file below php_src, text, and what takes its place */
    public array $changes = [];

    /** While it is read: that of the next change, and "-" or "+" if the last line was one of a change. */
    private string $file = '';
    private string $last = '';

    private function __construct(public readonly string $system)
    {
    }

    /** @return list<self> those of a data file */
    public static function read(string $system): array
    {
        $records = [];
        foreach (explode("\n\n", trim(file_get_contents(__DIR__ . "/$system"))) as $number => $text) {
            $record = new self($system);
            foreach (explode("\n", $text) as $line) {
                str_starts_with($line, '#') || $record->take($line);
            }
            if ($record->behaviour === '' && $record->changes === []) {
                continue; // a comment
            }
            if ($record->behaviour === '' || $record->test === '' || $record->edit === '' || $record->changes === []) {
                throw new \RuntimeException("Record $number of $system is not complete: " . strtok($text, "\n"));
            }
            if (count(array_unique(array_map(dirname(...), $record->tests()))) > 1) {
                throw new \RuntimeException("The tests of a record are of one folder: $record->behaviour");
            }
            $records[] = $record;
        }

        return $records;
    }

    /** @return list<string> */
    public function tests(): array
    {
        return [$this->test, ...$this->also];
    }

    /** As it stands in a table: without the folder if it is the system's. */
    public function shown(string $test): string
    {
        return str_starts_with($test, "$this->system/") ? substr($test, strlen($this->system) + 1) : $test;
    }

    /**
     * @param callable(string): string $read contents by file
     * @return array<string, string> the files that the edit changes, with what they are then
     * @throws \RuntimeException it does not apply
     */
    public function apply(callable $read): array
    {
        $files = [];
        foreach ($this->changes as [$file, $from, $to]) {
            $text = $files[$file] ?? $read($file);
            $count = $from === '' ? 0 : substr_count($text, $from);
            if ($count !== 1) {
                throw new \RuntimeException("$this->system, $this->edit: in $file $count times: " . strtok($from, "\n"));
            }
            $files[$file] = str_replace($from, $to, $text);
        }

        return $files;
    }

    private function take(string $line): void
    {
        if (!preg_match('/^(behaviour|test|also|edit|file): (.+)$|^([-+])(?: (.*))?$/D', $line, $parts)) {
            throw new \RuntimeException("$this->system: cannot be understood: $line");
        }
        [, $word, $value] = $parts + [1 => '', ''];
        match ($word) {
            'behaviour' => $this->behaviour = $value,
            'edit' => $this->edit = $value,
            'file' => $this->file = $value,
            'test' => $this->test = $this->named($value),
            'also' => $this->also = [...$this->also, ...array_map($this->named(...), explode(', ', $value))],
            '' => $this->change($parts[3], $parts[4] ?? ''),
        };
        $this->last = $word === '' ? $parts[3] : '';
    }

    private function named(string $test): string
    {
        return str_contains($test, '/') ? $test : "$this->system/$test";
    }

    private function change(string $sign, string $line): void
    {
        $continues = $this->last === $sign;
        if ($sign === '-' && !$continues) {
            $this->changes[] = [$this->file, $line, ''];
            return;
        }
        $change = &$this->changes[array_key_last($this->changes) ?? throw new \RuntimeException("$this->system: + without -: $line")];
        $place = $sign === '-' ? 1 : 2;
        $change[$place] .= ($continues ? "\n" : '') . $line;
    }
}
