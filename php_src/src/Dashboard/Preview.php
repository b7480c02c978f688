<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/**
 * Shows a value, or its beginning: so many levels, elements and bytes, whatever there is. Runs no code of objects: of
 * them it shows the properties, as they are.
 */
final class Preview
{
    private const DEPTH = 6;
    /** Of one array or object, and of the whole. */
    private const ELEMENTS = 50;
    private const NODES = 500;
    private const STRING = 4000;
    private const STRING_INSIDE = 200;

    private int $nodes = 0;

    public static function html(mixed $value): string
    {
        $preview = new self();

        return '<pre>' . (is_string($value)
            ? '<span class="t">string, ' . number_format(strlen($value)) . " bytes</span>\n"
            . Html::lines($value, self::STRING)
                . (strlen($value) > self::STRING ? '<span class="more">…</span>' : '')
            : $preview->node($value, 0)) . '</pre>';
    }

    private function node(mixed $value, int $depth): string
    {
        $this->nodes++;

        return match (true) {
            $value === null => '<span class="t">null</span>',
            is_bool($value) => $value ? 'true' : 'false',
            is_int($value) => (string) $value,
            is_float($value) => Html::text(var_export($value, true)),
            is_string($value) => '"' . Html::bytes($value, self::STRING_INSIDE) . '"',
            is_array($value) => self::type('array, ' . count($value)) . $this->elements($value, $depth, false),
            $value instanceof \UnitEnum => Html::bytes($value::class) . '::' . Html::bytes($value->name),
            is_object($value) => self::type(Html::bytes($value::class))
                . $this->elements(get_mangled_object_vars($value), $depth, true),
            default => self::type(get_debug_type($value)),
        };
    }

    private static function type(string $html): string
    {
        return "<span class=\"t\">$html</span>";
    }

    private function elements(array $elements, int $depth, bool $isObject): string
    {
        if (!$elements) {
            return $isObject ? ' {}' : ' []';
        }
        if ($depth >= self::DEPTH) {
            return ' <span class="more">… deeper levels are left out</span>';
        }
        $html = '';
        $shown = 0;
        $indent = str_repeat('  ', $depth + 1);
        foreach ($elements as $key => $element) {
            if ($shown === self::ELEMENTS || $this->nodes >= self::NODES) {
                break;
            }
            $shown++;
            // Of private and protected properties: a NUL, the class or "*", a NUL.
            $key = $isObject && is_string($key) && ($key[0] ?? '') === "\0" ? substr((string) strrchr($key, "\0"), 1)
                : $key;
            $html .= "\n$indent" . (is_int($key) ? $key : Html::bytes($key, self::STRING_INSIDE))
                . ' <span class="t">=></span> '
                . $this->node($element, $depth + 1);
        }
        $left = count($elements) - $shown;

        return $html . ($left > 0 ? "\n$indent<span class=\"more\">… " . number_format($left) . ' more</span>' : '');
    }
}
