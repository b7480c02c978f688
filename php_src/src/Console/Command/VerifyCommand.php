<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console\Command;

use SharedCache\Console\Argument;
use SharedCache\Console\Bootstrap;
use SharedCache\Console\Command;
use SharedCache\Console\Definition;
use SharedCache\Console\Environment;
use SharedCache\Console\ExitCode;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;
use SharedCache\Console\Text;

/** `cache-worker verify` */
final class VerifyCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition(
            'verify',
            'Read every entry once, and say which cannot be read',
            [new Argument('prefix', 'only keys that begin so', false)],
            [
                new Option('bootstrap', 'PHP file with the autoloader, for values that are objects', 'FILE'),
                new Option('json', 'print JSON'),
            ],
            'While others use the cache. An entry that is replaced or goes meanwhile is no error. Objects of '
                . 'unknown classes are counted for themselves.',
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $input->given('bootstrap') && Bootstrap::load(Bootstrap::check($input->text('bootstrap')));
        $total = cache_info(true)['entries'];
        $began = hrtime(true);
        $shown = 0;
        $counts = ['verified' => 0, 'bytes' => 0, 'unknown_classes' => 0];
        $problems = [];
        foreach (new \Cache\EntryIterator(prefix: $input->argument('prefix')) as $entry) {
            $counts['verified']++;
            $counts['bytes'] += $entry['size'];
            $problem = self::check($entry);
            if ($problem === 'class') {
                $counts['unknown_classes']++;
            } elseif ($problem !== null) {
                $problems[] = Text::jsonKey((string) $entry['key']) + ['problem' => $problem];
            }
            if (hrtime(true) - $shown > 100_000_000) {
                $shown = hrtime(true);
                $output->progress(sprintf(
                    '%s of %s entries',
                    Text::number($counts['verified']),
                    Text::number(max($total, $counts['verified'])),
                ));
            }
        }
        $output->progress('');
        $counts['seconds'] = round((hrtime(true) - $began) / 1e9, 3);
        $input->flag('json')
            ? $output->json($counts + ['problems' => $problems])
            : self::show($output, $counts, $problems);

        return $problems ? ExitCode::No : ExitCode::Ok;
    }

    /** @return string|null what is wrong; `class`: the class of the value is not known */
    private static function check(array $entry): ?string
    {
        $key = (string) $entry['key'];
        try {
            $value = cache_fetch_stale($key, $state);
        } catch (\Throwable $error) {
            return $entry['type'] === 'object'
                ? 'class'
                : 'reading it throws ' . $error::class . ': ' . $error->getMessage();
        }
        $info = cache_key_info($key);
        if ($info === null || $info['version'] !== $entry['version']) {
            return null; // gone or replaced meanwhile
        }
        if ($state === CACHE_STATE_MISSING) {
            return $entry['type'] === 'object' ? 'class' : 'it is listed, but its value cannot be read';
        }
        $type = match (true) {
            is_object($value) => 'object',
            is_float($value) => 'float',
            default => get_debug_type($value),
        };

        return $type === $entry['type'] || $entry['type'] === 'object'
            ? null
            : "its value is of the type $type, not $entry[type]";
    }

    private static function show(Output $output, array $counts, array $problems): void
    {
        $output->line(sprintf(
            '%s, %s, read in %s.',
            Text::plural($counts['verified'], 'entry', 'entries'),
            Text::bytes($counts['bytes']),
            Text::duration($counts['seconds']),
        ));
        if ($counts['unknown_classes'] > 0) {
            $output->line($output->yellow(
                Text::plural($counts['unknown_classes'], 'is an object', 'are objects')
                    . ' of classes that are not known here: give --bootstrap=FILE.',
            ));
        }
        if (!$problems) {
            $output->line($output->green('No problem was found.'));

            return;
        }
        $output->line($output->red(
            Text::plural(count($problems), 'entry is', 'entries are')
                . ' damaged; cache-worker clear gets rid of them:',
        ));
        $rows = array_map(static fn (array $problem): array => [$problem['key'], $problem['problem']], $problems);
        $output->table(['key', 'problem'], $rows, 'll');
    }
}
