<?php
declare(strict_types=1);

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
    ) {
    }

    /**
     * Code of a function(int $calls) that returns the nanoseconds of a chunk of calls.
     *
     * @param string|null $library "cache" or "apcu"; null: all but the calls
     */
    public function chunk(?string $library, bool $computed): string
    {
        $key = $computed ? "\$key = 'bench:operation:k:0' . (\$i & 7);" : '';
        $code = <<<PHP
            static function (int \$calls): int {
                \$key = \$value = null;
                $this->variables;
                for (\$i = 0; \$i < 8; ++\$i) {
                    $key
                    $this->prepare;
                    $this->before;
                }
                \$start = hrtime(true);
                for (\$i = 0; \$i < \$calls; ++\$i) {
                    $key
                    $this->prepare;
                    CALL;
                }
                \$time = hrtime(true) - \$start;
                // So that the optimizer does not find them unused.
                return \$time + 0 * (strlen((string) \$key) + strlen((string) \$value));
            }
            PHP;

        $code = str_replace('CALL', $library === null ? '' : $this->call, $code);

        return $this->translate($code, $library ?? 'cache', $computed);
    }

    /** Code of a function() that returns what the call returns. */
    public function sample(string $library, bool $computed): string
    {
        $key = $computed ? "\$key = 'bench:operation:k:0' . (\$i & 7);" : '';
        $code = <<<PHP
            static function (): mixed {
                $this->variables;
                \$i = 0;
                $key
                $this->prepare;
                $this->before;
                return $this->call;
            }
            PHP;

        return $this->translate($code, $library, $computed);
    }

    private function translate(string $code, string $library, bool $computed): string
    {
        return strtr($code, ['LIB_' => $library . '_', 'KEY' => $computed ? '$key' : "'bench:operation:k:01'"]);
    }
}
