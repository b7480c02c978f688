<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** The arguments and options of one call of a command, checked against its definition. */
final class Input
{
    /**
     * @param array<string, string> $arguments those that were given
     * @param array<string, string|true> $options those that were given
     */
    public function __construct(
        private readonly Definition $definition,
        private readonly array $arguments,
        private readonly array $options,
    ) {
    }

    /**
     * @param list<string> $words what stands behind the command's name
     * @throws Failure
     */
    public static function parse(Definition $definition, array $words): self
    {
        $arguments = [];
        $options = [];
        $onlyArguments = false;
        while ($words) {
            $word = array_shift($words);
            if ($word === '--' && !$onlyArguments) {
                $onlyArguments = true;
            } elseif (str_starts_with($word, '--') && !$onlyArguments) {
                [$name, $value] = self::parseOption($definition, $word, $words);
                $options[$name] = $value;
            } elseif (str_starts_with($word, '-') && $word !== '-' && !$onlyArguments) {
                throw self::unknownOption($definition, $word);
            } else {
                $arguments[] = $word;
            }
        }

        return new self($definition, self::nameArguments($definition, $arguments), $options);
    }

    public function argument(string $name): ?string
    {
        return $this->arguments[$name] ?? null;
    }

    public function flag(string $name): bool
    {
        return isset($this->options[$name]);
    }

    public function given(string $name): bool
    {
        return isset($this->options[$name]);
    }

    public function text(string $name): ?string
    {
        return $this->options[$name] ?? $this->definition->option($name)->default;
    }

    /** @throws Failure it is not a whole number of at least $least */
    public function integer(string $name, int $least = 0): int
    {
        $text = $this->text($name) ?? '0';
        $value = filter_var($text, FILTER_VALIDATE_INT);
        if ($value === false || $value < $least) {
            $from = $least === PHP_INT_MIN ? '' : " from $least on";
            throw $this->invalid($name, $text, "a whole number$from");
        }

        return $value;
    }

    /** @throws Failure */
    public function seconds(string $name): float
    {
        $text = $this->text($name) ?? '0';
        if (!preg_match('~^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|d)?$~', $text, $match)) {
            throw $this->invalid($name, $text, 'a duration: 90, 1.5, 500ms, 10m, 2h, 1d');
        }

        return (float) $match[1] * ['ms' => 0.001, 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400][$match[2] ?? 's'];
    }

    /** @throws Failure */
    public function bytes(string $name): int
    {
        $text = $this->text($name) ?? '0';
        if (!preg_match('~^(\d{1,9})([KMG]?)B?$~i', $text, $match)) {
            throw $this->invalid($name, $text, 'a size: 64M, 1G, 1048576');
        }

        return (int) $match[1] * ['' => 1, 'K' => 1024, 'M' => 1024 ** 2, 'G' => 1024 ** 3][strtoupper($match[2])];
    }

    /** @return list<string> of a value with commas */
    public function names(string $name): array
    {
        $names = array_map('trim', explode(',', $this->text($name) ?? ''));

        return array_values(array_unique(array_filter($names, 'strlen')));
    }

    private function invalid(string $name, string $text, string $expected): Failure
    {
        return new Failure("--$name=$text is not valid: give $expected.", ExitCode::Usage);
    }

    /**
     * @param list<string> $words what follows; a value is taken from there
     * @return array{string, string|true}
     */
    private static function parseOption(Definition $definition, string $word, array &$words): array
    {
        [$name, $value] = explode('=', substr($word, 2), 2) + [1 => null];
        $option = $definition->option($name) ?? throw self::unknownOption($definition, "--$name");
        if ($option->value === null) {
            if ($value !== null) {
                throw new Failure("--$name takes no value.", ExitCode::Usage);
            }

            return [$name, true];
        }
        $value ??= $option->whenBare ?? array_shift($words);
        if ($value === null || $value === '') {
            throw new Failure("--$name needs a value: {$option->usage()}.", ExitCode::Usage);
        }

        return [$name, $value];
    }

    /**
     * @param list<string> $values
     * @return array<string, string>
     */
    private static function nameArguments(Definition $definition, array $values): array
    {
        $named = [];
        foreach ($definition->arguments as $i => $argument) {
            if (isset($values[$i])) {
                $named[$argument->name] = $values[$i];
            } elseif ($argument->required) {
                throw new Failure(
                    strtoupper($argument->name) . " is missing: cache-worker {$definition->usage()}.",
                    ExitCode::Usage,
                );
            }
        }
        if (count($values) > count($definition->arguments)) {
            $first = $values[count($definition->arguments)];
            throw new Failure(
                "\"$first\" is one argument too many; see cache-worker {$definition->name} --help.",
                ExitCode::Usage,
            );
        }

        return $named;
    }

    private static function unknownOption(Definition $definition, string $word): Failure
    {
        $names = array_map(static fn (Option $option): string => "--$option->name", $definition->options);
        $near = Suggestion::of($word, $names);

        return new Failure(
            "There is no option $word" . ($near === null ? '; see' : ", did you mean $near? See")
                . " cache-worker {$definition->name} --help.",
            ExitCode::Usage,
        );
    }
}
