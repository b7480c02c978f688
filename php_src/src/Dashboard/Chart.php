<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

use SharedCache\Console\Text;

/** Pictures of figures: inline SVG, without scripts and without styles of their own. */
final class Chart
{
    private const COLOURS = 8;

    /**
     * Parts of a whole, in a row.
     *
     * @param list<array{float, string, string}> $parts share of 1, class, and what a pointer is told
     */
    public static function bar(array $parts, string $label, string $class = ''): string
    {
        $html = '';
        $at = 0.0;
        foreach ($parts as [$share, $colour, $title]) {
            $width = max(0.0, min(1.0 - $at, $share)) * 1000;
            if ($width > 0) {
                $html .= sprintf(
                    '<rect class="%s" x="%.2F" y="0" width="%.2F" height="10"><title>%s</title></rect>',
                    $colour,
                    $at * 1000,
                    $width,
                    Html::text($title),
                );
                $at += $width / 1000;
            }
        }

        return "<svg class=\"bar $class\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\""
            . ' aria-label="' . Html::text($label) . "\">$html</svg>";
    }

    /**
     * The memory of size classes, which are described by cache_info().
     *
     * @param list<array<string, int>> $classes those that have something
     */
    public static function classes(array $classes): string
    {
        $bytes = array_map(self::bytesOf(...), $classes);
        $sum = array_sum($bytes);
        $parts = [];
        $legend = '';
        foreach ($classes as $i => $class) {
            $name = self::nameOf($class);
            $colour = 'c' . $i % self::COLOURS;
            $parts[] = [$bytes[$i] / $sum, $colour, "$name: " . Text::bytes($bytes[$i])];
            if ($bytes[$i] >= $sum / 50) {
                $legend .= "<li><svg class=\"swatch\" viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"$colour\" "
                    . "width=\"1\" height=\"1\"/></svg> $name <b>" . Text::bytes($bytes[$i]) . '</b></li>';
            }
        }

        return self::bar($parts, 'Memory by size class', 'tall') . "<ul class=\"legend\">$legend</ul>";
    }

    /** Pages have 16 KB; those of larger values are units of 4 KB. */
    public static function bytesOf(array $class): int
    {
        return $class['pages'] * ($class['block_size'] > 0 ? 16_384 : 4096);
    }

    public static function nameOf(array $class): string
    {
        return $class['block_size'] > 0 ? Text::bytes($class['block_size']) : 'larger values';
    }

    /** @param list<int> $buckets element 0 counts below 1 s, element i below 2^i s */
    public static function histogram(array $buckets, string $label): string
    {
        $most = max([0, ...$buckets]);
        if ($most === 0) {
            return '<p class="soft">Nothing yet.</p>';
        }
        $html = '';
        foreach ($buckets as $i => $count) {
            $height = $count === 0 ? 0 : max(1.5, 100 * $count / $most);
            $html .= sprintf(
                '<rect class="a" x="%d" y="%.1F" width="9" height="%.1F"><title>below %s: %s</title></rect>',
                $i * 10,
                100 - $height,
                $height,
                Text::duration(2 ** $i),
                Text::number($count),
            );
        }
        $middle = intdiv(count($buckets), 2);

        return sprintf(
            '<svg class="columns" viewBox="0 0 %d 100" preserveAspectRatio="none" role="img" aria-label="%s">%s</svg>',
            count($buckets) * 10,
            Html::text($label),
            $html,
        ) . '<div class="axis"><span>1 s</span><span>' . Text::duration(2 ** $middle) . '</span><span>'
            . Text::duration(2 ** (count($buckets) - 1)) . '</span></div>';
    }
}
