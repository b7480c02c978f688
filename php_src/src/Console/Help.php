<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** What --help prints. */
final class Help
{
    /** @param list<Definition> $commands */
    public static function overview(Output $output, array $commands): void
    {
        $output->line('The rebuild queue of the extension cache: a worker, and a look at queues and entries.');
        self::heading($output, 'Usage');
        $output->line('  cache-worker COMMAND [ARGUMENT...] [--OPTION...]');
        self::heading($output, 'Commands');
        self::pairs(
            $output,
            array_map(static fn (Definition $command): array => [$command->name, $command->summary], $commands),
        );
        self::heading($output, 'Options of all');
        self::pairs($output, [
            ['-h, --help', 'explain the command'],
            ['-q, --quiet', 'less output'],
            ['-v, -vv', 'more output'],
        ]);
        self::heading($output, 'Exit status');
        self::pairs($output, [
            ['0', 'done; of run: ended as planned'],
            ['1', 'the answer is no: unknown key or queue, full, damaged, too many failures'],
            ['2', 'unknown command or option, a value that is not valid'],
            ['3', 'this process cannot use the cache, or lacks an extension'],
            ['4', 'the bootstrap file is missing, fails or returns no registry'],
        ]);
    }

    public static function print(Output $output, Definition $definition): void
    {
        $output->line($definition->summary . '.');
        self::heading($output, 'Usage');
        $output->line("  cache-worker {$definition->usage()} [--OPTION...]");
        if ($definition->arguments) {
            self::heading($output, 'Arguments');
            self::pairs($output, array_map(
                static fn (Argument $argument): array => [strtoupper($argument->name), $argument->description],
                $definition->arguments,
            ));
        }
        if ($definition->options) {
            self::heading($output, 'Options');
            self::pairs($output, array_map(static fn (Option $option): array => [
                $option->usage(),
                $option->description . (($option->default ?? '0') === '0' ? '' : " (default: $option->default)"),
            ], $definition->options));
        }
        if ($definition->help !== '') {
            $output->line();
            $output->line($definition->help);
        }
    }

    private static function heading(Output $output, string $text): void
    {
        $output->line();
        $output->line($output->bold($text));
    }

    /** @param list<array{string, string}> $pairs */
    private static function pairs(Output $output, array $pairs): void
    {
        $width = max(array_map(static fn (array $pair): int => strlen($pair[0]), $pairs));
        foreach ($pairs as [$name, $text]) {
            $output->line('  ' . $output->green(str_pad($name, $width)) . "  $text");
        }
    }
}
