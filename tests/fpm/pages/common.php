<?php
/* Values that tell by themselves whether they are whole, and the classes of some. */
declare(strict_types=1);

final class Node
{
    public ?Node $next = null;

    public function __construct(public int $n, public string $text, public array $data)
    {
    }
}

/** By a method of its own: code of the user runs while it is read. */
final class Wrapped
{
    public static ?Closure $onUnserialize = null;

    public function __construct(public int $n, public string $text)
    {
    }

    public function __serialize(): array
    {
        return ['n' => $this->n, 'text' => $this->text];
    }

    public function __unserialize(array $data): void
    {
        (self::$onUnserialize ?? static fn () => null)();
        ['n' => $this->n, 'text' => $this->text] = $data;
    }
}

/** One value for each kind and number. */
function makeValue(string $kind, int $n): mixed
{
    return match ($kind) {
        'rows' => ['n' => $n, 'rows' => array_map(static fn (int $i): array => makeRow($n, $i), range(1, 40))],
        'text' => str_repeat("text $n ", 2500),
        'short' => "short $n",
        'int' => $n,
        'node' => makeNode($n),
        'wrapped' => new Wrapped($n, str_repeat("wrapped $n ", 200)),
        'date' => new DateTimeImmutable('@' . (1_700_000_000 + $n)),
    };
}

const KINDS = ['rows', 'text', 'short', 'int', 'node', 'wrapped', 'date'];

function makeRow(int $n, int $i): array
{
    return ['id' => $i, 'name' => "row $i of $n", 'even' => $i % 2 === 0, 'share' => $i / 4];
}

function makeNode(int $n): Node
{
    $node = new Node($n, "node $n", ['list' => range($n, $n + 20)]);
    $node->next = new Node($n + 1, "next of $n", ['of' => ['n' => $n]]);

    return $node;
}

/** The number of a value of that kind, or null: it is none. */
function numberOf(string $kind, mixed $value): ?int
{
    $n = match ($kind) {
        'rows' => is_array($value) ? $value['n'] ?? null : null,
        'text', 'short' => is_string($value) && preg_match('~^[a-z]+ (\d+)~', $value, $found) ? (int) $found[1] : null,
        'int' => is_int($value) ? $value : null,
        'node' => $value instanceof Node ? $value->n : null,
        'wrapped' => $value instanceof Wrapped ? $value->n : null,
        'date' => $value instanceof DateTimeImmutable ? $value->getTimestamp() - 1_700_000_000 : null,
    };

    return is_int($n) && $value == makeValue($kind, $n) ? $n : null;
}

/** @return list<string> */
function &violations(): array
{
    static $violations = [];

    return $violations;
}

function expect(bool $holds, string $sentence, mixed $details = null): bool
{
    if (!$holds) {
        $violations = &violations();
        $violations[] = $sentence . ': ' . substr((string) json_encode($details, JSON_PARTIAL_OUTPUT_ON_ERROR), 0, 300);
    }

    return $holds;
}
