<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console\Command;

use SharedCache\Console\Argument;
use SharedCache\Console\Command;
use SharedCache\Console\Definition;
use SharedCache\Console\Entry;
use SharedCache\Console\Environment;
use SharedCache\Console\ExitCode;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;
use SharedCache\Console\Text;

/** `cache-worker keys` */
final class KeysCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition(
            'keys',
            'List the entries, fresh and stale',
            [new Argument('prefix', 'only keys that begin so', false)],
            [
                new Option('limit', 'at most so many; 0: all', 'N', '0'),
                new Option('stale', 'only stale ones'),
                new Option('json', 'print one JSON object a line'),
            ],
            'In no order. Looking counts as no access.',
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $limit = $input->integer('limit');
        $json = $input->flag('json');
        $shown = 0;
        $bytes = 0;
        foreach (new \Cache\EntryIterator(prefix: $input->argument('prefix')) as $entry) {
            if ($input->flag('stale') && $entry['state'] !== CACHE_STATE_STALE) {
                continue;
            }
            if ($json) {
                $output->json(Entry::json($entry));
            } else {
                $shown === 0 && $output->line($output->bold(self::columns('state ', 'type', 'size', 'until', 'key')));
                $output->line(self::row($output, $entry));
            }
            $bytes += $entry['size'];
            if (++$shown === $limit) {
                break;
            }
        }
        if ($shown > 0) {
            $json || $output->note(Text::plural($shown, 'entry', 'entries') . ', ' . Text::bytes($bytes));
        } else {
            $json || $output->note($input->argument('prefix') === null ? 'There is no entry.' : 'No entry begins so.');
        }

        return ExitCode::Ok;
    }

    /** The key last: so the columns are aligned without knowing them all before. */
    private static function row(Output $output, array $entry): string
    {
        return self::columns(
            Entry::colouredState($output, $entry['state'], 6),
            $entry['type'],
            Text::bytes($entry['size']),
            Entry::until($entry),
            Text::line((string) $entry['key']),
        );
    }

    private static function columns(string $state, string $type, string $size, string $until, string $key): string
    {
        return sprintf('%s %-7s %10s  %-26s %s', $state, $type, $size, $until, $key);
    }
}
