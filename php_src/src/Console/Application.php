<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** The command `cache-worker`: finds the command that is meant, parses, and says what went wrong. */
final class Application
{
    private const VERBOSITY = ['-q' => -1, '--quiet' => -1, '-v' => 1, '--verbose' => 1, '-vv' => 2, '-vvv' => 2];

    /** @return list<Command> */
    public static function commands(): array
    {
        return [
            new Command\RunCommand(),
            new Command\StatsCommand(),
            new Command\FailedCommand(),
            new Command\RetryCommand(),
            new Command\PurgeCommand(),
            new Command\PushCommand(),
            new Command\KeysCommand(),
            new Command\GetCommand(),
            new Command\ClearCommand(),
            new Command\VerifyCommand(),
        ];
    }

    /**
     * @param list<string> $words what stands behind the program's name
     * @return int the exit status
     */
    public static function main(array $words): int
    {
        [$words, $verbosity, $help] = self::takeGlobals($words);
        $output = Output::standard($verbosity);
        try {
            $name = array_shift($words);
            if ($name === null || $name === 'help') {
                $name = array_shift($words);
                if ($name === null) {
                    self::printOverview($output);

                    return ExitCode::Ok->value;
                }
                $help = true;
            }
            $command = self::find($name);
            if ($help) {
                Help::print($output, $command->definition());

                return ExitCode::Ok->value;
            }

            return $command->run(Input::parse($command->definition(), $words), $output)->value;
        } catch (Failure $failure) {
            $output->progress('');
            $output->error($failure->getMessage());

            return $failure->getCode();
        }
    }

    /**
     * Options that are known everywhere, in front of and behind the command's name.
     *
     * @param list<string> $words
     * @return array{list<string>, int, bool} the other words; verbosity; --help
     */
    private static function takeGlobals(array $words): array
    {
        $rest = [];
        $verbosity = 0;
        $help = false;
        foreach ($words as $i => $word) {
            if ($word === '--') {
                return [[...$rest, ...array_slice($words, $i)], $verbosity, $help];
            }
            if (isset(self::VERBOSITY[$word])) {
                $verbosity = self::VERBOSITY[$word] === 1 && $verbosity > 0 ? 2 : self::VERBOSITY[$word];
            } elseif ($word === '-h' || $word === '--help') {
                $help = true;
            } else {
                $rest[] = $word;
            }
        }

        return [$rest, $verbosity, $help];
    }

    /** @throws Failure */
    private static function find(string $name): Command
    {
        $names = [];
        foreach (self::commands() as $command) {
            if ($command->definition()->name === $name) {
                return $command;
            }
            $names[] = $command->definition()->name;
        }
        if (str_starts_with($name, '-')) {
            throw new Failure("There is no option $name; see cache-worker --help.", ExitCode::Usage);
        }
        $near = Suggestion::of($name, $names);
        throw new Failure(
            "There is no command \"$name\"" . ($near === null
                ? '; there are: ' . implode(', ', $names) . '.'
                : ", did you mean \"$near\"? See cache-worker --help."),
            ExitCode::Usage,
        );
    }

    private static function printOverview(Output $output): void
    {
        Help::overview(
            $output,
            array_map(static fn (Command $command): Definition => $command->definition(), self::commands()),
        );
    }
}
