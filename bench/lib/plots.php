<?php
declare(strict_types=1);

/* The plots that figures have points in: title, names of the axes, and whether x is a quantity or a name. */
const PLOTS = [
    'peers-fetch' => ['One fetch, one process', '', 'ns', 'names'],
    'peers-store' => ['One store, one process', '', 'ns', 'names'],
    'full' => ['A store in a full cache', 'one of 10^{x} stores takes longer', 'µs', 'tail'],
    'processes-mixed' => ['95 % reads, 5 % writes: calls a second in all', 'processes', 'calls a second', 'log'],
    'processes-tail' => ['95 % reads, 5 % writes: p99.9 of a call', 'processes', 'µs', 'log'],
    'processes-readers' => ['Readers beside a writer: p99.9 of a fetch', 'readers', 'µs', 'log'],
    'growth-entries' => ['Fetch by the number of entries', 'entries', 'ns', 'log'],
    'growth-stores' => ['Store by the number of entries', 'entries', 'ns', 'log'],
    'growth-value' => ['Fetch and store by the size of a string', 'bytes', 'ns', 'log'],
    'growth-processes' => ['Fetches a second in all, by processes', 'processes', 'fetches a second', 'log'],
    'growth-segment' => ['Fetch and store by the size of the segment', 'megabytes', 'ns', 'log'],
];

/** Draws the points of figures as SVG, with gnuplot. */
final class Plots
{
    /** Ours first; of each library the same colour in all plots. */
    private const COLOURS = ['cache' => '#1b6ca8', 'APCu' => '#d1495b', 'neither' => '#8d99ae'];
    private const OTHER_COLOURS = ['#edae49', '#66a182', '#6d597a', '#e07a5f', '#3d405b', '#00798c'];

    /** @var array<string, list<Point>> by plot */
    private array $points = [];

    /** @param array<string, string> $machine */
    public function __construct(private readonly string $folder, private readonly array $machine)
    {
        if (!is_dir($folder) && !mkdir($folder, 0777, true)) {
            exit(1);
        }
    }

    public function add(Figure $figure): void
    {
        foreach ($figure->points as $point) {
            $this->points[$point->plot][] = $point;
        }
    }

    /**
     * Draws what was added since the last call.
     *
     * @return array<string, string> the titles, by the names of the files without .svg
     */
    public function drawn(): array
    {
        $titles = [];
        foreach ($this->points as $plot => $points) {
            $this->draw($plot, $points);
            $titles[$plot] = PLOTS[$plot][0];
        }
        $this->points = [];

        return $titles;
    }

    /** @param list<Point> $points */
    private function draw(string $plot, array $points): void
    {
        [$title, $x, $y, $style] = PLOTS[$plot];
        $rows = [];
        foreach ($points as $point) {
            $key = (string) $point->x;
            $rows[$key] = ['x' => $point->x, 'curves' => ($rows[$key]['curves'] ?? []) + $point->curves];
        }
        $curves = array_keys(array_merge(...array_column($rows, 'curves')));
        if ($style !== 'names') {
            usort($rows, static fn (array $a, array $b): int => $a['x'] <=> $b['x']);
        }
        $data = '';
        foreach ($rows as $row) {
            $cells = [is_string($row['x']) ? "\"{$row['x']}\"" : (string) $row['x']];
            foreach ($curves as $curve) {
                $height = $row['curves'][$curve] ?? null;
                // A logarithm has to be there.
                $cells[] = $height === null || $height <= 0 ? '?' : (string) $height;
            }
            $data .= implode(' ', $cells) . "\n";
        }
        $machine = $this->machine;
        $versions = 'PHP ' . PHP_VERSION . " | cache {$machine['cache']} | APCu {$machine['APCu']}";
        $footnote = "{$machine['machine']} | $versions | {$machine['date']}";
        $script = implode("\n", [
            "set terminal svg size 960,540 dynamic enhanced font 'Helvetica,14' background '#ffffff'",
            'set output ' . self::quoted("$this->folder/$plot.svg"),
            'set datafile missing "?"',
            'set title ' . self::quoted($title) . " font ',18' noenhanced",
            'set xlabel ' . self::quoted($x),
            'set ylabel ' . self::quoted($y) . ' noenhanced',
            'set label ' . self::quoted($footnote) . " at screen 0.5,0.02 center font ',9' textcolor '#666666' noenhanced",
            'set bmargin ' . ($style === 'names' ? 7 : 5),
            "set key outside right top noenhanced samplen 2",
            "set grid ytics linecolor '#dddddd'",
            'set border 3 linecolor "#444444"',
            'set tics nomirror',
            'set format y "%.0s %c"',
            'set logscale y',
            ...match ($style) {
                'names' => [
                    'set style data histograms',
                    'set style fill solid 0.9 noborder',
                    'set boxwidth 0.9',
                    'set xtics rotate by -25 noenhanced',
                ],
                'tail' => ['set style data linespoints', 'set xrange [*:*]', 'set xtics 1'],
                'log' => ['set style data linespoints', 'set logscale x', 'set format x "%.0s %c"'],
            },
            "\$data << END\n{$data}END",
            'plot ' . implode(', ', array_map(
                static fn (string $curve, int $number): string => self::curve($curve, $number, $style),
                $curves,
                array_keys($curves),
            )),
            '',
        ]);
        $file = "$this->folder/$plot.gnuplot";
        file_put_contents($file, $script);
        passthru('gnuplot ' . escapeshellarg($file), $status);
        if ($status !== 0) {
            fwrite(STDERR, "gnuplot has not drawn $file\n");
            exit(1);
        }
    }

    private static function curve(string $curve, int $number, string $style): string
    {
        // "cache, store" has the colour of "cache", as "cache, a miss"; their lines are dashed.
        $of = strtok($curve, ',');
        $colour = self::COLOURS[$of] ?? self::OTHER_COLOURS[$number % count(self::OTHER_COLOURS)];
        $dash = preg_match('/, (store|a miss)$/', $curve) ? ' dashtype 2' : '';

        return sprintf(
            '$data using %s title %s %s',
            $style === 'names' ? $number + 2 . ':xticlabel(1)' : '1:' . $number + 2,
            self::quoted($curve),
            $style === 'names' ? "linecolor rgb '$colour'" : "linecolor rgb '$colour' linewidth 2 pointtype 7 pointsize 0.6$dash",
        );
    }

    /** A string in gnuplot's single quotes. */
    private static function quoted(string $text): string
    {
        return "'" . str_replace("'", "''", $text) . "'";
    }
}
