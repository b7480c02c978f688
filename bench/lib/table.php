<?php
declare(strict_types=1);

/**
 * A Markdown table whose columns are aligned; the first to the left, the others to the right. Columns without any
 * content are left out.
 *
 * @param list<array<string, string>> $rows cells by the names of their columns
 */
function table(array $rows): string
{
    $widths = [];
    foreach ($rows as $row) {
        foreach ($row as $column => $cell) {
            $widths[$column] = max($widths[$column] ?? 0, characters($cell));
        }
    }
    $widths = array_filter($widths);
    foreach ($widths as $column => $width) {
        $widths[$column] = max($width, characters((string) $column), 3);
    }
    $first = array_key_first($widths);
    $lines = [array_combine(array_keys($widths), array_keys($widths)), ...$rows];
    $text = '';
    foreach ($lines as $number => $row) {
        $cells = $rule = [];
        foreach ($widths as $column => $width) {
            $padding = str_repeat(' ', $width - characters($row[$column] ?? ''));
            $cells[] = $column === $first ? ($row[$column] ?? '') . $padding : $padding . ($row[$column] ?? '');
            $rule[] = $column === $first ? str_repeat('-', $width + 2) : str_repeat('-', $width + 1) . ':';
        }
        $text .= '| ' . implode(' | ', $cells) . " |\n";
        $text .= $number === 0 ? '|' . implode('|', $rule) . "|\n" : '';
    }

    return $text;
}

/** Characters of UTF-8 text; mbstring need not be there. */
function characters(string $text): int
{
    return preg_match_all('/./us', $text);
}
