<?php
declare(strict_types=1);

/**
 * Rounds of a measurement under each of APCu's serializers. Which one it uses is fixed when a process starts: so each
 * round is a process, in which the cache is measured, too, and ratios are those of one process.
 */
final class Serializers
{
    /** @var array<string, list<array<string, array<string, float>>>> by serializer; a round by name and by library */
    private array $rounds = [];

    /** @param Closure(array<string, string> $settings): array<string, array<string, float>> $measure one round */
    public function __construct(Bench $bench, int $rounds, Closure $measure)
    {
        for ($i = 0; $i < $rounds; ++$i) {
            foreach ($bench->apcu === null ? [''] : $bench->serializers() as $serializer) {
                $this->rounds[$serializer][] = $measure($serializer === '' ? [] : ['apc.serializer' => $serializer]);
            }
        }
    }

    /** The median; null: was not measured. */
    /** The median over all processes, for what the serializer has nothing to do with. */
    public function over(string $name, string $library): ?float
    {
        return $this->median(array_merge(...array_values($this->rounds)), $name, $library);
    }

    /**
     * A figure beside APCu with the serializer that is the hardest to beat, and its ratio to each of them.
     *
     * @param bool $most is more better?
     * @param string|null $beside that serializer instead; then the others' figures, not ratios
     * @param array<string, string> $more further columns
     */
    public function figure(
        string $name,
        string $unit,
        ?Goal $goal = null,
        bool $most = false,
        ?string $beside = null,
        array $more = [],
    ): Figure {
        $apcu = $ratios = $columns = [];
        foreach (array_keys($this->rounds) as $serializer) {
            $apcu[$serializer] = $this->of($serializer, $name, 'apcu');
            if ($apcu[$serializer] === null) {
                $beside = $serializer;
                continue;
            }
            $ratios[$serializer] = $this->of($serializer, $name, 'cache') / $apcu[$serializer];
            if ($beside === null) {
                $columns["/ $serializer"] = ratio($ratios[$serializer]);
            } elseif ($serializer !== $beside) {
                $columns["APCu, $serializer"] = quantity($apcu[$serializer], $unit);
            }
        }
        $beside ??= array_search($most ? min($ratios) : max($ratios), $ratios, true);

        return new Figure(
            $name,
            $this->of($beside, $name, 'cache'),
            $apcu[$beside],
            $unit,
            $goal,
            ['beside' => $apcu[$beside] === null ? '' : $beside] + $columns + $more,
        );
    }

    /** The median; null: was not measured. */
    private function of(string $serializer, string $name, string $library): ?float
    {
        return $this->median($this->rounds[$serializer], $name, $library);
    }

    /** @param list<array<string, array<string, float>>> $rounds */
    private function median(array $rounds, string $name, string $library): ?float
    {
        $figures = array_filter(
            array_map(static fn (array $round): ?float => $round[$name][$library] ?? null, $rounds),
            is_float(...),
        );

        return $figures ? median($figures) : null;
    }
}
