<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** Which entries are asked for. */
final class Search
{
    public const MATCHES = ['prefix' => 'begins with', 'contains' => 'contains', 'regex' => 'matches (PCRE)'];
    public const STATES = ['' => 'fresh and stale', 'fresh' => 'fresh', 'stale' => 'stale'];
    public const SORTS = ['key', 'type', 'size', 'age', 'left', 'state', 'hits'];

    /** @var string|null what is wrong with the pattern */
    public readonly ?string $error;
    private readonly string $pattern;
    private int $undecided = 0;

    /** @param string|null $tag that they must carry */
    public function __construct(
        public readonly string $text = '',
        public readonly string $match = 'prefix',
        public readonly string $state = '',
        public readonly ?string $tag = null,
        public readonly int $page = 1,
        public readonly string $sort = '',
        public readonly bool $descending = false,
    ) {
        // A byte that no key's pattern needs: so the pattern needs no delimiters of its own.
        $this->pattern = "\1" . str_replace("\1", '\x01', $text) . "\1D";
        $this->error = $match === 'regex' && @preg_match($this->pattern, '') === false
            ? 'That is no pattern: ' . str_replace('preg_match(): ', '', error_get_last()['message'] ?? '')
            : null;
    }

    public static function of(Request $request): self
    {
        $choice = static fn (string $name, array $known): string => in_array($request->query($name), $known, true)
            ? $request->query($name) : '';

        return new self(
            $request->query('q'),
            $choice('match', array_keys(self::MATCHES)) ?: 'prefix',
            $choice('state', array_keys(self::STATES)),
            Html::decodeKey($request->query('tag')),
            $request->number('page', 1, 1, 10_000_000),
            $choice('sort', self::SORTS),
            $request->query('dir') === 'desc',
        );
    }

    /**
     * @param array<string, string|int> $changes
     * @return array<string, string|int> for a URL
     */
    public function query(array $changes = []): array
    {
        $query = $changes + [
            'q' => $this->text, 'match' => $this->match, 'state' => $this->state,
            'tag' => $this->tag === null ? '' : Html::encodeKey($this->tag), 'page' => $this->page,
                'sort' => $this->sort,
            'dir' => $this->descending ? 'desc' : '',
        ];
        $plain = ['match' => 'prefix', 'page' => 1];

        return ['view' => 'entries'] + array_filter(
            $query,
            static fn (string|int $value, string $name): bool => $value !== '' && $value !== ($plain[$name] ?? null),
            ARRAY_FILTER_USE_BOTH,
        );
    }

    /** What the extension itself can look for, which costs least. */
    public function prefix(): ?string
    {
        return $this->match === 'prefix' && $this->text !== '' ? $this->text : null;
    }

    public function fitsKey(string $key): bool
    {
        return match ($this->match) {
            'contains' => str_contains($key, $this->text),
            'regex' => $this->matches($key),
            default => true,
        };
    }

    private function matches(string $key): bool
    {
        $result = preg_match($this->pattern, $key);
        $this->undecided += (int) ($result === false);

        return $result === 1;
    }

    /** Keys of which the pattern could not be decided: it would have taken more than pcre.backtrack_limit steps. */
    public function undecided(): int
    {
        return $this->undecided;
    }

    /** Does more than the key matter? */
    public function needsFields(): bool
    {
        return $this->state !== '' || $this->tag !== null;
    }

    /** @param array<string, mixed> $entry */
    public function fits(array $entry): bool
    {
        return ($this->state === '' || ($entry['state'] === CACHE_STATE_STALE) === ($this->state === 'stale'))
            && ($this->tag === null || in_array($this->tag, $entry['tags'], true));
    }
}
