<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** Where a command writes: text for people, with colours on a terminal, or JSON. */
final class Output
{
    public const QUIET = -1;
    public const NORMAL = 0;
    public const VERBOSE = 1;
    public const DEBUG = 2;

    /**
     * @param \Closure(string): void $write the results
     * @param \Closure(string): void $writeError what is no result: errors, progress
     * @param bool $terminal is $write a terminal? Then there are colours, and questions may be asked
     * @param bool $errorTerminal is $writeError one? Then progress is shown
     */
    public function __construct(
        private readonly \Closure $write,
        private readonly \Closure $writeError,
        public readonly bool $terminal = false,
        public readonly bool $errorTerminal = false,
        public readonly int $verbosity = self::NORMAL,
        public readonly bool $colours = false,
    ) {
    }

    /** Standard output and error output. NO_COLOR (https://no-color.org) and TERM=dumb switch colours off. */
    public static function standard(int $verbosity): self
    {
        $terminal = stream_isatty(STDOUT);
        $plain = (string) getenv('NO_COLOR') !== '' || getenv('TERM') === 'dumb';

        return new self(
            static function (string $text): void {
                self::put(STDOUT, $text);
            },
            static function (string $text): void {
                self::put(STDERR, $text);
            },
            $terminal,
            stream_isatty(STDERR),
            $verbosity,
            $terminal && !$plain,
        );
    }

    public function write(string $text): void
    {
        ($this->write)($text);
    }

    public function line(string $text = ''): void
    {
        ($this->write)("$text\n");
    }

    public function json(array $value): void
    {
        $this->line(json_encode(
            $value,
            JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
                | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR,
        ));
    }

    /** Not a result: a note for whoever sits before the terminal, or reads the log. */
    public function note(string $text): void
    {
        if ($this->verbosity > self::QUIET) {
            ($this->writeError)("$text\n");
        }
    }

    public function error(string $text): void
    {
        ($this->writeError)("$text\n");
    }

    /** Text that the next call replaces; '' removes it. Only on a terminal. */
    public function progress(string $text): void
    {
        if ($this->errorTerminal && $this->verbosity > self::QUIET) {
            ($this->writeError)("\r\e[K$text");
        }
    }

    /** Asks on the terminal; where there is none, the answer is yes. */
    public function confirm(string $question): bool
    {
        if (!$this->terminal || !defined('STDIN') || !stream_isatty(STDIN)) {
            return true;
        }
        ($this->writeError)("$question [y/N] ");

        return preg_match('~^y(es)?$~i', trim((string) fgets(STDIN))) === 1;
    }

    public function bold(string $text): string
    {
        return $this->style('1', $text);
    }

    public function dim(string $text): string
    {
        return $this->style('2', $text);
    }

    public function red(string $text): string
    {
        return $this->style('31', $text);
    }

    public function green(string $text): string
    {
        return $this->style('32', $text);
    }

    public function yellow(string $text): string
    {
        return $this->style('33', $text);
    }

    /**
     * Aligned columns under a heading; numbers to the right.
     *
     * @param list<string> $headings
     * @param list<list<string>> $rows may contain styles
     * @param string $align for each column, l or r
     */
    public function table(array $headings, array $rows, string $align): void
    {
        $widths = array_map(self::width(...), $headings);
        foreach ($rows as $row) {
            foreach ($row as $i => $cell) {
                $widths[$i] = max($widths[$i], self::width($cell));
            }
        }
        $this->line($this->bold(self::row($headings, $widths, $align)));
        foreach ($rows as $row) {
            $this->line(self::row($row, $widths, $align));
        }
    }

    private function style(string $code, string $text): string
    {
        return $this->colours ? "\e[{$code}m$text\e[0m" : $text;
    }

    /**
     * @param list<string> $cells
     * @param list<int> $widths
     */
    private static function row(array $cells, array $widths, string $align): string
    {
        $line = '';
        foreach ($cells as $i => $cell) {
            $padding = str_repeat(' ', max(0, $widths[$i] - self::width($cell)));
            $line .= ($i ? '  ' : '') . ($align[$i] === 'r' ? $padding . $cell : $cell . $padding);
        }

        return rtrim($line);
    }

    /** Characters, without styles. */
    private static function width(string $text): int
    {
        $text = preg_replace('~\e\[[\d;]*m~', '', $text);
        $characters = preg_match_all('~.~su', $text);

        return $characters === false ? strlen($text) : $characters;
    }

    /**
     * A reader that has gone away, as in `cache-worker keys | head`, ends the command in silence. What a full disk does
     * not take is lost, and the worker goes on.
     */
    private static function put(mixed $stream, string $text): void
    {
        while ($text !== '') {
            $written = @fwrite($stream, $text);
            if ($written === false) {
                if (str_contains(error_get_last()['message'] ?? '', 'Broken pipe')) {
                    exit(ExitCode::Ok->value);
                }

                return;
            }
            if ($written === 0) {
                usleep(1000); // somebody made it non-blocking, and it is full
            }
            $text = substr($text, $written);
        }
    }
}
