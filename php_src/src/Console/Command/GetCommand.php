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
use SharedCache\Console\Entry;
use SharedCache\Console\Environment;
use SharedCache\Console\ExitCode;
use SharedCache\Console\Failure;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;
use SharedCache\Console\Text;

/** `cache-worker get` */
final class GetCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition(
            'get',
            'Show an entry and its value, fresh or stale',
            [new Argument('key', 'the key')],
            [
                new Option('bootstrap', 'PHP file with the autoloader, for values that are objects', 'FILE'),
                new Option('json', 'print JSON; a value that JSON does not know is null, and "text" shows it'),
            ],
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $input->given('bootstrap') && Bootstrap::load(Bootstrap::check($input->text('bootstrap')));
        $key = $input->argument('key');
        $entry = $key === '' ? null : cache_key_info($key);
        if ($entry === null) {
            throw new Failure(
                'There is no entry "' . Text::line($key) . '"; cache-worker keys lists those that are there.',
                ExitCode::No,
            );
        }
        $value = cache_fetch_stale($key, $state);
        if ($state === CACHE_STATE_MISSING && cache_key_info($key) !== null) {
            throw new Failure(
                'The value of "' . Text::line($key)
                    . '" is an object whose class is not known here: give --bootstrap=FILE.',
                ExitCode::No,
            );
        }
        $input->flag('json')
            ? self::printJson($output, $key, $entry, $value)
            : self::printText($output, $key, $entry, $value);

        return ExitCode::Ok;
    }

    private static function printJson(Output $output, string $key, array $entry, mixed $value): void
    {
        $fields = json_encode($value) === false
            ? ['value' => null, 'text' => print_r($value, true)]
            : ['value' => $value];
        $output->json(Entry::json(['key' => $key] + $entry) + $fields);
    }

    private static function printText(Output $output, string $key, array $entry, mixed $value): void
    {
        $stamp = abs($entry['stamp']);
        $lease = $entry['lease'] ?? null;
        $rows = [
            'key' => Text::line($key),
            'state' => Entry::colouredState($output, $entry['state']) . ', ' . Entry::until($entry),
            $entry['stamp'] < 0 ? 'invalidated' : 'validated' => Text::time($stamp) . ', ' . Text::ago($stamp),
            'ttl' => Entry::lifetime($entry),
            'tags' => implode(', ', array_map(Text::line(...), $entry['tags'])),
            'size' => Text::bytes($entry['size']) . " ($entry[type])",
            'rebuilt by' => $lease ? "process slot $lease[owner], until " . Text::time($lease['deadline']) : '',
        ];
        foreach ($rows as $name => $text) {
            $text === '' || $output->line($output->dim(sprintf('%-12s', $name)) . $text);
        }
        ob_start();
        var_dump($value);
        $output->line();
        $output->write((string) ob_get_clean());
    }
}
