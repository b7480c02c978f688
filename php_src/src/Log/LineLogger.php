<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Log;

/**
 * A line for each message: for people, or a JSON object. One write a line, so that lines of several processes do not
 * mix.
 */
final class LineLogger implements Logger
{
    private const COLOURS = ['debug' => '2', 'notice' => '1', 'warning' => '33', 'error' => '31', 'critical' => '31;1'];

    private readonly int $from;

    /**
     * @param \Closure(string): void $write
     * @param string $from the lowest level to write
     */
    public function __construct(
        private readonly \Closure $write,
        string $from = 'notice',
        private readonly bool $json = false,
        private readonly bool $colours = false,
    ) {
        $this->from = (int) array_search($from, self::LEVELS, true);
    }

    public function wants(string $level): bool
    {
        return array_search($level, self::LEVELS, true) >= $this->from;
    }

    public function log(string $level, string $message, array $context = []): void
    {
        if ($this->wants($level)) {
            $line = $this->json ? self::json($level, $message, $context) : $this->text($level, $message, $context);
            ($this->write)("$line\n");
        }
    }

    private function text(string $level, string $message, array $context): string
    {
        $line = sprintf('%s [%d] %s', date('H:i:s'), getmypid(), self::interpolate($message, $context));
        $colour = $this->colours ? self::COLOURS[$level] ?? null : null;

        return $colour === null ? $line : "\e[{$colour}m$line\e[0m";
    }

    private static function json(string $level, string $message, array $context): string
    {
        $line = [
            'time' => (new \DateTimeImmutable())->format('Y-m-d\TH:i:s.uP'),
            'pid' => getmypid(),
            'level' => $level,
            'message' => self::interpolate($message, $context),
        ];

        return json_encode(
            $line + array_filter($context, static fn (mixed $value): bool => !is_object($value)),
            JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
                | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR,
        );
    }

    /** As PSR-3 has it; bytes that a terminal would obey are shown as \033. */
    private static function interpolate(string $message, array $context): string
    {
        $replace = [];
        foreach ($context as $name => $value) {
            if (is_scalar($value) || $value instanceof \Stringable) {
                $replace["{{$name}}"] = addcslashes((string) $value, "\0..\37\177");
            }
        }

        return strtr($message, $replace);
    }
}
