<?php

declare(strict_types=1);

namespace SharedCache\Tests\Seeds;

/** The tables of docs/seeds.md, each between its heading and the next one. */
final class Document
{
    private const FILE = ROOT . '/docs/seeds.md';

    /** @param list<Record> $records */
    public function write(array $records): int
    {
        file_put_contents(self::FILE, $this->made($records));

        return 0;
    }

    /** @param list<Record> $records */
    public function isCurrent(array $records): bool
    {
        return $this->made($records) === file_get_contents(self::FILE);
    }

    /** @param list<Record> $records */
    private function made(array $records): string
    {
        $text = file_get_contents(self::FILE);
        foreach (SYSTEMS as $system => $title) {
            $of = array_filter($records, static fn (Record $record): bool => $record->system === $system);
            $pattern = '/^(## ' . preg_quote($title, '/') . '\n.*?\n\n)(?:\|[^\n]*\n)+/ms';
            $text = preg_replace_callback($pattern, fn (array $found): string => $found[1] . $this->table($of), $text, 1, $count);
            if ($count !== 1) {
                throw new \RuntimeException("docs/seeds.md has no table below the heading \"$title\"");
            }
        }

        return $text;
    }

    /** @param iterable<Record> $records */
    private function table(iterable $records): string
    {
        $table = "| behaviour | test | which fails if |\n|---|---|---|\n";
        foreach ($records as $record) {
            $tests = array_map(static fn (string $test): string => '`' . $record->shown($test) . '`', $record->tests());
            $table .= sprintf("| %s | %s | %s |\n", $record->behaviour, implode(', ', $tests), $record->edit);
        }

        return $table;
    }
}
