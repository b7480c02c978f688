<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** What a command is called and what it takes: the help, the parser and the bridges derive from it. */
final readonly class Definition
{
    /**
     * @param list<Argument> $arguments optional ones last
     * @param list<Option> $options
     * @param string $help further paragraphs
     */
    public function __construct(
        public string $name,
        public string $summary,
        public array $arguments = [],
        public array $options = [],
        public string $help = '',
    ) {
    }

    /** `push QUEUE KEY` */
    public function usage(): string
    {
        $words = array_map(static fn (Argument $argument): string => $argument->usage(), $this->arguments);

        return implode(' ', [$this->name, ...$words]);
    }

    public function option(string $name): ?Option
    {
        foreach ($this->options as $option) {
            if ($option->name === $name) {
                return $option;
            }
        }

        return null;
    }
}
