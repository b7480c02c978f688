<?php
/*
 * contention.php ROUNDS SECONDS LIBRARY...: 15 processes fetch arrays and integers; a sixteenth stores such arrays
 * under the same keys as fast as it can, or only spins. Prints by library a list of rounds, each with
 *   alone    stores a second of the writer when nothing else runs
 *   share    processor time of the sixteenth process / time, when it only spins: what is its due
 *   stores   stores a second of the writer beside the readers
 *   busy     its processor time / time meanwhile
 *   fetches  [beside the spinning process, beside the writer]: fetches a second of the 15 readers
 */
declare(strict_types=1);

require __DIR__ . '/../lib/crew.php';

const READERS = 15;
const KEYS = 20;

function rows(int $seed): array
{
    $rows = [];
    for ($i = 0; $i < 100; ++$i) {
        $id = $seed * 100 + $i;
        $rows[] = ['id' => $id, 'name' => "Member $id", 'mail' => "member$id@example.org", 'points' => $id * 7 % 1000];
    }

    return $rows;
}

/** @return array{float, float} calls a second, processor time / time */
function repeat(callable $call, float $start, float $seconds): array
{
    awaitTime($start);
    $end = ($start + $seconds) * 1e9;
    $cpu = cpuSeconds();
    $calls = 0;
    do {
        $call($calls++);
        $now = hrtime(true);
    } while ($now < $end);
    $time = $now / 1e9 - $start;

    return [$calls / $time, (cpuSeconds() - $cpu) / $time];
}

function reader(string $library, float $seconds): Closure
{
    return static function (float $start) use ($library, $seconds): array {
        $fetch = "{$library}_fetch";
        $one = static function (int $i) use ($fetch): void {
            $rows = $fetch('rows:' . $i % KEYS);
            if ($rows === false || $rows[99]['id'] % 100 !== 99 || $fetch('number:' . $i % KEYS) !== $i % KEYS) {
                throw new UnexpectedValueException('what was fetched is not what was stored');
            }
        };
        $one(0);

        return repeat($one, $start, $seconds);
    };
}

function writer(string $library, float $seconds): Closure
{
    return static function (float $start) use ($library, $seconds): array {
        $store = "{$library}_store";
        $values = array_map(rows(...), range(0, KEYS - 1));
        $one = static fn (int $i): bool => $store('rows:' . $i % KEYS, $values[$i % KEYS]);
        $one(0);

        return repeat($one, $start, $seconds);
    };
}

function spinner(float $seconds): Closure
{
    return static fn (float $start): array => repeat(static function (): void {
        for ($i = 0; $i < 1000; ++$i);
    }, $start, $seconds);
}

function fill(string $library): Closure
{
    return static function () use ($library): void {
        $store = "{$library}_store";
        for ($i = 0; $i < KEYS; ++$i) {
            $store("rows:$i", rows($i));
            $store("number:$i", $i);
        }
    };
}

[, $rounds, $seconds] = $argv;
$libraries = array_slice($argv, 3);
$seconds = (float) $seconds;
$ofReaders = static fn (array $crew): float => array_sum(array_column(array_slice($crew, 1), 0));
$results = array_fill_keys($libraries, []);
foreach ($libraries as $library) {
    crew([fill($library)]);
}
for ($round = 0; $round < $rounds; ++$round) {
    foreach ($libraries as $library) {
        $readers = array_fill(0, READERS, reader($library, $seconds));
        [[$alone]] = crew([writer($library, $seconds)]);
        $spinning = crew([spinner($seconds), ...$readers]);
        $writing = crew([writer($library, $seconds), ...$readers]);
        $results[$library][] = [
            'alone' => $alone,
            'share' => $spinning[0][1],
            'stores' => $writing[0][0],
            'busy' => $writing[0][1],
            'fetches' => [$ofReaders($spinning), $ofReaders($writing)],
        ];
    }
}
echo json_encode($results, JSON_THROW_ON_ERROR);
