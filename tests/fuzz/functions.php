<?php
/*
 * Calls internal functions and methods of internal classes with values that cache_fetch() returned and, in another
 * process, with ordinary equal ones, and compares what comes of it: result or exception, what was written through
 * references, the object, warnings and output. Then the cached values must be what they were.
 *
 *   php -d extension=cache -d cache.segment=fuzz tests/fuzz/functions.php [--seed=N] [--rounds=N] [--only=REGEX]
 *
 * A batch whose process dies goes on behind the call that killed it. It is the cache's matter if the same call survives
 * with ordinary values. A batch with a difference is run again: what is not the same twice is no difference.
 */
declare(strict_types=1);

require __DIR__ . '/targets.inc';
require __DIR__ . '/values.inc';
require __DIR__ . '/batch.inc';

const BATCH = 500;
const ROUNDS = 30;

/** What was found, to be counted at the end. */
final class Findings
{
    public int $calls = 0;
    public int $differences = 0;
    public int $crashes = 0;
    public int $crashesOfBoth = 0;
    public int $changed = 0;
    /** @var array<string, int> targets that are left out from now on: they take too long, or never give the same */
    public array $slow = [];
    public array $unstable = [];

    public function isLeftOut(string $target): bool
    {
        return isset($this->slow[$target]) || ($this->unstable[$target] ?? 0) > 2;
    }

    public function failed(): bool
    {
        return $this->differences + $this->crashes + $this->changed > 0;
    }
}

exit(main());

function main(): int
{
    $options = getopt('', ['seed:', 'rounds:', 'only:']);
    $seed = (int) ($options['seed'] ?? 1);
    $only = isset($options['only']) ? '~' . str_replace('~', '\~', $options['only']) . '~i' : '';
    check($only);
    storeValues();
    $folder = enterFolder();
    $targets = targets($only);
    $findings = new Findings;
    for ($round = 0; $round < (int) ($options['rounds'] ?? ROUNDS); $round++) {
        mt_srand($seed + $round);
        shuffle($targets);
        foreach (array_chunk($targets, BATCH) as $i => $chunk) {
            $first = ($round * 1000 + $i) * BATCH;
            $plan = array_combine(range($first, $first + count($chunk) - 1), $chunk);
            fuzz(array_filter($plan, static fn($target) => !$findings->isLeftOut($target)), $seed, $findings);
            $findings->changed += checkValues(array_key_first($plan), array_key_last($plan));
        }
    }
    leaveFolder($folder);
    unlink(cache_info(true)['segment']['path']);
    echo summary($seed, $targets, $findings), "\n";
    return $findings->failed() ? 1 : 0;
}

function check(string $only): void
{
    $complaint = match (true) {
        PHP_SAPI !== 'cli' || !extension_loaded('cache') || !extension_loaded('pcntl')
            => 'it needs the command line, and the extensions cache and pcntl',
        !cache_enabled() => 'the cache is disabled: ' . cache_info()['reason'],
        ini_get('cache.segment') === 'default'
            => 'it empties and removes the segment; give it one of its own: -d cache.segment=fuzz',
        $only !== '' && @preg_match($only, '') === false => '--only is not a regular expression',
        default => null,
    };
    if ($complaint !== null) {
        fwrite(STDERR, "functions.php: $complaint\n");
        exit(2);
    }
}

function storeValues(): void
{
    cache_clear();
    foreach (entries() as $key => $value) {
        if (!cache_store($key, $value)) {
            fwrite(STDERR, "functions.php: $key cannot be stored\n");
            exit(2);
        }
    }
}

/** @return array<string, array|object|string> by key: each value, and all of a kind in one array */
function entries(): array
{
    $entries = [KEY_ALL => plainValues(), KEY_ALL_OBJECTS => objects()];
    foreach (values() as $name => $value) {
        $entries[KEY_PREFIX . $name] = $value;
    }
    return $entries;
}

/** How many of the cached values have changed. They are stored anew. */
function checkValues(int $first, int $last): int
{
    $changed = 0;
    foreach (entries() as $key => $value) {
        $fetched = cache_fetch($key);
        $plain = $key === KEY_ALL || is_string($value) || (is_array($value) && $key !== KEY_ALL_OBJECTS);
        if (($plain && $fetched !== $value) || serialize($fetched) !== serialize($value)) {
            $changed++;
            echo "CHANGED by one of the calls $first to $last: $key\n";
            cache_store($key, $value);
        }
    }
    return $changed;
}

/** A folder of this process's own, so that names of files that are drawn mean nothing. */
function enterFolder(): string
{
    $folder = sys_get_temp_dir() . '/cache-fuzz-' . getmypid();
    mkdir($folder, 0700);
    chdir($folder);
    return $folder;
}

function leaveFolder(string $folder): void
{
    chdir('/');
    foreach (array_diff(scandir($folder), ['.', '..']) as $name) {
        @unlink("$folder/$name") || @rmdir("$folder/$name");
    }
    rmdir($folder);
}

/** @param array<int, string> $plan */
function fuzz(array $plan, int $seed, Findings $findings): void
{
    while ($plan !== []) {
        $ordinary = runBatch($plan, $seed, false);
        $fetched = runBatch($plan, $seed, true);
        $end = min($ordinary->died ?? PHP_INT_MAX, $fetched->died ?? PHP_INT_MAX);
        $done = array_filter($plan, static fn($number) => $number < $end, ARRAY_FILTER_USE_KEY);
        $findings->calls += count($done);
        compare($done, $seed, $ordinary, $fetched, $findings);
        if ($ordinary->died === null && $fetched->died === null) {
            return;
        }
        judge($end, $plan[$end] ?? '', $ordinary, $fetched, $findings);
        $plan = array_filter($plan, static fn($number) => $number > $end, ARRAY_FILTER_USE_KEY);
    }
}

/** @param array<int, string> $plan the calls that both have come through */
function compare(array $plan, int $seed, Report $ordinary, Report $fetched, Findings $findings): void
{
    $different = static fn(Report $one, Report $other) => array_filter(
        $plan,
        static fn($number) => $one->outcomes[$number] !== $other->outcomes[$number],
        ARRAY_FILTER_USE_KEY,
    );
    $suspects = $different($ordinary, $fetched);
    if ($suspects === []) {
        return;
    }
    $plan = array_filter($plan, static fn($number) => $number <= array_key_last($suspects), ARRAY_FILTER_USE_KEY);
    $again = [runBatch($plan, $seed, false), runBatch($plan, $seed, true)];
    foreach ($suspects as $number => $target) {
        if ($ordinary->outcomes[$number] !== ($again[0]->outcomes[$number] ?? '')
            || $fetched->outcomes[$number] !== ($again[1]->outcomes[$number] ?? '')) {
            $findings->unstable[$target] = ($findings->unstable[$target] ?? 0) + 1;
            continue;
        }
        $findings->differences++;
        echo "DIFFERENT, call $number: {$fetched->calls[$number]}\n",
            "  ordinary: {$ordinary->outcomes[$number]}\n  fetched:  {$fetched->outcomes[$number]}\n";
    }
}

/** Whose matter it is that a process died of the call. */
function judge(int $number, string $target, Report $ordinary, Report $fetched, Findings $findings): void
{
    $call = $fetched->calls[$number] ?? $ordinary->calls[$number];
    $ordinaryDied = $ordinary->died === $number;
    $fetchedDied = $fetched->died === $number;
    if ($ordinaryDied && $ordinary->exhausted || $fetchedDied && $fetched->exhausted) {
        $findings->slow[$target] = 1;
    } elseif ($ordinaryDied && $fetchedDied) {
        $findings->crashesOfBoth++;
        echo "dies with ordinary values, too ($ordinary->death; $fetched->death), call $number: $call\n";
    } else {
        $findings->crashes++;
        [$which, $death] = $fetchedDied ? ['fetched', $fetched->death] : ['ordinary', $ordinary->death];
        echo "CRASH with $which values only ($death), call $number: $call\n";
    }
}

/** @param list<string> $targets */
function summary(int $seed, array $targets, Findings $findings): string
{
    $methods = count(preg_grep('/::/', $targets));
    return sprintf(
        'seed %d: %d functions and %d methods, %d calls; %d differences, %d crashes, %d changed values '
            . '(%d crashes with ordinary values, too; left out: %d exhausting, %d never the same)',
        $seed, count($targets) - $methods, $methods, $findings->calls, $findings->differences, $findings->crashes,
        $findings->changed, $findings->crashesOfBoth, count($findings->slow), count($findings->unstable),
    );
}
