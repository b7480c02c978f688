<?php
declare(strict_types=1);

/** What a run writes: its tables, and on demand the same as a Markdown file, and the figures as lines of JSON and as CSV. */
final class Report
{
    private const COLUMNS = ['row', 'figure', 'cache', 'apcu', 'unit', 'ratio', 'goal', 'met', 'more'];

    /** @var resource|null */
    private $json;
    /** @var resource|null */
    private $csv;
    /** @var resource|null */
    private $markdown;

    /** @param array<string, string> $machine what stands at the beginning of every line of the CSV, too */
    public function __construct(
        private readonly array $machine,
        private readonly bool $quick,
        ?string $json,
        ?string $csv,
        private readonly ?string $markdownFile,
    ) {
        [$this->json, $this->csv, $this->markdown] = array_map(self::opened(...), [$json, $csv, $markdownFile]);
        if ($this->json) {
            fwrite($this->json, self::line(['machine' => $machine, 'quick' => $quick]));
        }
        if ($this->csv) {
            $versions = ['cache' => 'cache version', 'APCu' => 'APCu version'];
            $columns = array_map(static fn (string $name): string => $versions[$name] ?? $name, array_keys($machine));
            fputcsv($this->csv, [...$columns, 'quick', ...self::COLUMNS], escape: '');
        }
    }

    public function say(string $text): void
    {
        echo $text;
        if ($this->markdown) {
            fwrite($this->markdown, $text);
        }
    }

    public function image(string $file, string $title): void
    {
        echo "\nPlot: $file\n";
        if ($this->markdown) {
            fwrite($this->markdown, sprintf("\n![%s](%s)\n", $title, self::relative($file, $this->markdownFile)));
        }
    }

    public function figure(string $row, Figure $figure): void
    {
        $record = [
            'row' => $row,
            'figure' => $figure->name,
            'cache' => $figure->cache,
            'apcu' => $figure->apcu,
            'unit' => $figure->unit,
            'ratio' => $figure->ratio(),
            'goal' => $figure->goal?->text,
            'met' => $figure->isMet(),
        ];
        if ($this->json) {
            $points = array_map(static fn (Point $point): array => get_object_vars($point), $figure->points);
            fwrite($this->json, self::line($record + $figure->more + ($points ? ['points' => $points] : [])));
        }
        if ($this->csv) {
            $record['met'] = match ($record['met']) {
                true => 'yes',
                false => 'no',
                null => '',
            };
            $more = [];
            foreach (array_filter($figure->more, static fn (string $cell): bool => $cell !== '') as $name => $cell) {
                $more[] = "$name: $cell";
            }
            $cells = [...array_values($this->machine), $this->quick ? 'yes' : 'no', ...array_values($record), implode('; ', $more)];
            fputcsv($this->csv, array_map(strval(...), $cells), escape: '');
        }
    }

    /** @return resource|null */
    private static function opened(?string $file)
    {
        if ($file === null) {
            return null;
        }
        $stream = fopen($file, 'w');
        if ($stream === false) {
            exit(1);
        }

        return $stream;
    }

    private static function line(array $record): string
    {
        return json_encode($record, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n";
    }

    /** As a link in that file has it, if it lies below the file's folder. */
    private static function relative(string $file, string $from): string
    {
        $file = realpath($file);
        $folder = realpath(dirname($from)) . '/';

        return str_starts_with($file, $folder) ? substr($file, strlen($folder)) : $file;
    }
}
