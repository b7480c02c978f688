<?php
declare(strict_types=1);

require_once __DIR__ . '/keys.php';

/**
 * One operation to be timed, as PHP code. In it LIB_ stands for cache_ or apcu_, KEY for the key: a literal of 20
 * bytes, or a string of 20 bytes that was put together just before.
 */
final class Operation
{
    /**
     * @param string $call what is timed
     * @param mixed $expect what the call shall return
     * @param string $before done before each chunk, for each key
     * @param string $variables done before each chunk, first
     * @param string $prepare done before each call; its time is subtracted
     * @param float|null $goal at most that part of APCu's time
     * @param bool $computed shall it also be measured with keys that are put together?
     * @param string $once done once, before the first chunk
     * @param string|null $check done instead of the call where it is looked at what it returns
     * @param array<string, string> $others by their names, further calls that take turns with it
     * @param bool $plain does APCu keep the value without its serializer?
     */
    public function __construct(
        public readonly string $name,
        public readonly string $call,
        public readonly mixed $expect,
        public readonly string $before = '',
        public readonly string $variables = '',
        public readonly string $prepare = '',
        public readonly ?float $goal = null,
        public readonly bool $computed = false,
        public readonly string $once = '',
        public readonly ?string $check = null,
        public readonly array $others = [],
        public readonly bool $plain = false,
    ) {
    }

    /** @return array<string, Keys> the kinds of keys that it is measured with, by the names of the figures */
    public function names(): array
    {
        return $this->computed ? [
            $this->name . ', ' . Keys::Literal->value => Keys::Literal,
            $this->name . ', ' . Keys::Computed->value => Keys::Computed,
        ] : [$this->name => Keys::Literal];
    }

    /**
     * Code of a function(int $calls, int $first = 0) that returns the nanoseconds of a chunk of calls. $first is the
     * number of calls that other chunks have done with new keys.
     *
     * @param string|null $contender "cache", "apcu" or one of the others; null: all but the calls
     */
    public function chunk(?string $contender, Keys $keys): string
    {
        $code = <<<PHP
            static function (int \$calls, int \$first = 0): int {
                \$key = \$value = null;
                $this->variables;
                for (\$i = 0; \$i < 8; ++\$i) {
                    {$keys->prepare()}
                    $this->prepare;
                    $this->before;
                }
                \$start = hrtime(true);
                for (\$i = 0; \$i < \$calls; ++\$i) {
                    {$keys->prepare()}
                    $this->prepare;
                    CALL;
                }
                \$time = hrtime(true) - \$start;
                // So that the optimizer does not find them unused.
                return \$time + 0 * (strlen((string) \$key) + strlen((string) \$value));
            }
            PHP;

        $call = $contender === null ? '' : $this->others[$contender] ?? $this->call;

        return $this->translate(str_replace('CALL', $call, $code), $contender, $keys);
    }

    /** Code of a function() that returns what the call returns. */
    public function sample(string $library, Keys $keys): string
    {
        $call = $this->check ?? $this->call;
        $code = <<<PHP
            static function (): mixed {
                \$i = \$first = 0;
                $this->variables;
                {$keys->prepare()}
                $this->prepare;
                $this->once;
                $this->before;
                return $call;
            }
            PHP;

        return $this->translate($code, $library, $keys);
    }

    private function translate(string $code, ?string $library, Keys $keys): string
    {
        return strtr($code, ['LIB_' => ($library === 'apcu' ? 'apcu' : 'cache') . '_', 'KEY' => $keys->code()]);
    }
}
