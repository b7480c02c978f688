<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** An option of a command. */
final readonly class Option
{
    /**
     * @param string|null $value what stands for its value in the help; null: it has none
     * @param string|null $default the value when the option is not given
     * @param string|null $whenBare the value of an option that is given without one; null: it must have one
     */
    public function __construct(
        public string $name,
        public string $description,
        public ?string $value = null,
        public ?string $default = null,
        public ?string $whenBare = null,
    ) {
    }

    /** `--queue=A,B` */
    public function usage(): string
    {
        return "--$this->name" . match (true) {
            $this->value === null => '',
            $this->whenBare !== null => "[=$this->value]",
            default => "=$this->value",
        };
    }
}
