<?php
declare(strict_types=1);

/** What a figure has to be. */
final class Goal
{
    private function __construct(public readonly string $text, private readonly Closure $holds)
    {
    }

    /** At most that part of APCu's. */
    public static function ratio(float $limit): self
    {
        $holds = static fn (float $cache, ?float $apcu): ?bool => $apcu === null ? null : $cache <= $limit * $apcu;

        return new self('≤ ' . ($limit < 0.05 ? '1/' . round(1 / $limit) : $limit) . ' × APCu', $holds);
    }

    /** At least that many times APCu's. */
    public static function times(float $factor): self
    {
        $holds = static fn (float $cache, ?float $apcu): ?bool => $apcu === null ? null : $cache >= $factor * $apcu;

        return new self("≥ $factor × APCu", $holds);
    }

    public static function atMost(float $limit, string $unit = ''): self
    {
        return new self('≤ ' . quantity($limit, $unit), static fn (float $cache): bool => $cache <= $limit);
    }

    public static function atLeast(float $limit, string $unit = ''): self
    {
        return new self('≥ ' . quantity($limit, $unit), static fn (float $cache): bool => $cache >= $limit);
    }

    /** No slower than the fastest of all peers, be it APCu or another one. */
    public static function best(float $fastest): self
    {
        return new self('≤ the best peer', static fn (float $cache): bool => $cache <= $fastest);
    }

    /** null: cannot be told. */
    public function isMet(float $cache, ?float $apcu): ?bool
    {
        return ($this->holds)($cache, $apcu);
    }
}

/** Where a figure lies in a plot (bench/lib/plots.php has their names). */
final class Point
{
    /** @param array<string, float|null> $curves heights by the names of the curves; null: was not measured */
    public function __construct(
        public readonly string $plot,
        public readonly float|string $x,
        public readonly array $curves,
    ) {
    }
}

/** One line of a table. */
final class Figure
{
    /**
     * @param float|string|null $apcu null: was not measured
     * @param array<string, string> $more further columns
     * @param list<Point> $points
     */
    public function __construct(
        public readonly string $name,
        public readonly float|string|null $cache,
        public readonly float|string|null $apcu = null,
        public readonly string $unit = '',
        public readonly ?Goal $goal = null,
        public readonly array $more = [],
        public readonly array $points = [],
    ) {
    }

    public function ratio(): ?float
    {
        return is_float($this->cache) && is_float($this->apcu) && $this->apcu > 0 ? $this->cache / $this->apcu : null;
    }

    public function isMet(): ?bool
    {
        $apcu = is_float($this->apcu) ? $this->apcu : null;

        return is_float($this->cache) ? $this->goal?->isMet($this->cache, $apcu) : null;
    }

    /** @return array<string, string> by the names of the columns */
    public function cells(): array
    {
        return [
            '' => $this->name,
            'cache' => $this->cell($this->cache),
            'APCu' => $this->cell($this->apcu),
            'ratio' => $this->ratio() === null ? '' : ratio($this->ratio()),
            'goal' => $this->goal?->text ?? '',
            'result' => $this->goal ? match ($this->isMet()) {
                true => 'met',
                false => 'MISSED',
                null => '?',
            } : '',
        ] + $this->more;
    }

    private function cell(float|string|null $value): string
    {
        return is_float($value) ? quantity($value, $this->unit) : $value ?? '';
    }
}

/** Three digits that count: "7.25 ns", "68.9 %", "1,234". */
function quantity(float $value, string $unit = ''): string
{
    $size = abs($value);
    $decimals = match (true) {
        $value === floor($value), $size >= 100 => 0,
        $size >= 10 => 1,
        default => 2,
    };
    $text = number_format($value, $decimals);

    return $unit === '' ? $text : "$text $unit";
}

/** "0.32", and two digits of what is below 0.1. */
function ratio(float $ratio): string
{
    return sprintf($ratio < 0.1 ? '%.2g' : '%.2f', $ratio);
}
