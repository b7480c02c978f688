<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

use SharedCache\Console\Text;

/**
 * Makes HTML of texts. Whatever comes from outside - keys, values, tags, names - goes through text() or bytes(); what
 * is called $html has gone.
 */
final class Html
{
    /** A text of ours, or numbers. */
    public static function text(string|int|float $text): string
    {
        return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_DISALLOWED | ENT_HTML5, 'UTF-8');
    }

    /** A text of ours with `code` in it. */
    public static function code(string $text): string
    {
        return (string) preg_replace('~`([^`]*)`~', '<code>$1</code>', self::text($text));
    }

    /**
     * Bytes of somebody else's, all of them to be seen: what cannot be seen, or turns the text around, or is no UTF-8,
     * stands as \x7F in a style of its own.
     *
     * @param int $limit bytes; what is beyond is left out, and said to be
     */
    public static function bytes(string $bytes, int $limit = 300): string
    {
        $shown = self::cut($bytes, $limit);
        $isText = preg_match('//u', $shown) === 1;
        $html = '';
        $parts = preg_split($isText ? '/([\p{C}\p{Zl}\p{Zp}]+)/u' : '/([^\x20-\x7e]+)/', $shown, -1,
            PREG_SPLIT_DELIM_CAPTURE);
        foreach ($parts as $i => $part) {
            $html .= match (true) {
                $part === '' => '',
                $i % 2 === 0 => self::text($part),
                default => '<span class="x">\\x' . implode('\\x', str_split(strtoupper(bin2hex($part)), 2)) . '</span>',
            };
        }
        $left = strlen($bytes) - strlen($shown);

        return $left > 0 ? "$html<span class=\"more\">… " . self::text(Text::bytes($left)) . ' more</span>' : $html;
    }

    /** As bytes(), with lines. */
    public static function lines(string $bytes, int $limit): string
    {
        return implode("\n", array_map(
            static fn (string $line): string => self::bytes($line, PHP_INT_MAX),
            explode("\n", self::cut($bytes, $limit)),
        ));
    }

    /** The beginning; not in the middle of a character, if it is UTF-8. */
    private static function cut(string $bytes, int $limit): string
    {
        if (strlen($bytes) <= $limit) {
            return $bytes;
        }
        $short = substr($bytes, 0, $limit);
        for ($i = 0; $i < 4; $i++) {
            if (preg_match('//u', substr($short, 0, $limit - $i)) === 1) {
                return substr($short, 0, $limit - $i);
            }
        }

        return $short;
    }

    /** @param array<string, string|int> $query of a page of the dashboard */
    public static function url(array $query): string
    {
        return '?' . http_build_query($query, '', '&', PHP_QUERY_RFC3986);
    }

    /** @param array<string, string|int> $query */
    public static function link(array $query, string $html, string $class = ''): string
    {
        return '<a href="' . self::text(self::url($query)) . '"' . ($class === '' ? '' : " class=\"$class\"")
            . ">$html</a>";
    }

    /** @param array<string, string|int> $fields */
    public static function hidden(array $fields): string
    {
        $html = '';
        foreach ($fields as $name => $value) {
            $html .= '<input type="hidden" name="' . self::text($name) . '" value="' . self::text($value) . '">';
        }

        return $html;
    }

    /**
     * @param list<array{0: string, 1?: string}> $heads text, and a class of the column
     * @param iterable<list<string>> $rows HTML of the cells
     */
    public static function table(array $heads, iterable $rows, string $class = ''): string
    {
        $html = "<div class=\"scroll\"><table class=\"$class\"><thead><tr>";
        foreach ($heads as $head) {
            $html .= '<th class="' . ($head[1] ?? '') . "\">$head[0]</th>";
        }
        $html .= '</tr></thead><tbody>';
        foreach ($rows as $row) {
            $html .= '<tr>';
            foreach ($row as $i => $cell) {
                $html .= '<td class="' . ($heads[$i][1] ?? '') . "\">$cell</td>";
            }
            $html .= '</tr>';
        }

        return "$html</tbody></table></div>";
    }

    /**
     * Figures with what they mean.
     *
     * @param list<array{string, string, string}> $rows name, HTML of the figure, HTML of what it means
     */
    public static function figures(array $rows): string
    {
        $html = '';
        foreach ($rows as [$name, $figure, $meaning]) {
            $html .= "<div><dt>$name</dt><dd class=\"figure\">$figure</dd><dd class=\"meaning\">$meaning</dd></div>";
        }

        return "<dl class=\"figures\">$html</dl>";
    }

    /** A section of a page. */
    public static function section(string $title, string $html, string $note = ''): string
    {
        $note = $note === '' ? '' : "<p class=\"note\">$note</p>";

        return "<section><h2>$title</h2>$note$html</section>";
    }

    /** Keys travel in URLs and forms as base64url: they may have any bytes. */
    public static function encodeKey(string $key): string
    {
        return rtrim(strtr(base64_encode($key), '+/', '-_'), '=');
    }

    /** @return string|null null: no key */
    public static function decodeKey(string $text): ?string
    {
        $key = base64_decode(strtr($text, '-_', '+/'), true);

        return $key === false || $key === '' || strlen($key) > 65_535 ? null : $key;
    }
}
