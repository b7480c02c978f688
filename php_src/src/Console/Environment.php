<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/**
 * Finds out, before a command begins, whether this process meets the processes it is meant to meet, and says why not.
 */
final class Environment
{
    /**
     * For commands that look at what is there: a process that comes first would make an empty segment, and then show
     * that.
     *
     * @throws Failure
     */
    public static function needSegment(): void
    {
        self::needExtension();
        if (!self::segments() && !self::isSwitchedOff()) {
            throw new Failure(sprintf(
                'The user %s has no segment "%s" in %s: nothing has used the cache as this user yet. %s',
                self::userName(self::user()),
                self::segmentName(),
                self::folder(),
                self::othersHint() ?? 'Run this as the user of the FPM pool, with its cache.segment and '
                    . 'cache.segment_dir, after its first request.',
            ), ExitCode::Environment);
        }
        $foreign = self::attach();
        if ($foreign !== null) {
            throw new Failure($foreign, ExitCode::Environment);
        }
    }

    /**
     * For commands that may come first, as a worker does after a reboot. As root they may only if nobody else has
     * such a segment: that root is the wrong user is by far the likelier case.
     *
     * @throws Failure
     */
    public static function needCache(Output $output): void
    {
        self::needExtension();
        $hint = self::segments() ? null : self::othersHint();
        if ($hint !== null && self::user() === 0) {
            throw new Failure(
                'Root has no segment "' . self::segmentName()
                    . '" of its own, and would not meet the FPM pool in a new one. ' . $hint,
                ExitCode::Environment,
            );
        }
        $foreign = self::attach();
        if ($foreign !== null) {
            $output->note($foreign);
        } elseif ($hint !== null) {
            $name = self::userName(self::user());
            $output->note(sprintf('The user %s had no segment "%s" so far. %s', $name, self::segmentName(), $hint));
        }
    }

    /**
     * What a worker needs of PHP beyond the cache.
     *
     * @param bool $fork does it start processes?
     * @throws Failure
     */
    public static function needProcesses(bool $fork): void
    {
        $functions = ['pcntl_signal', 'pcntl_async_signals', 'pcntl_alarm'];
        if ($fork) {
            array_push($functions, 'pcntl_fork', 'pcntl_waitpid', 'pcntl_sigprocmask', 'posix_kill', 'posix_getppid');
        }
        foreach ($functions as $function) {
            $extension = strstr($function, '_', true);
            if (function_exists($function)) {
                continue;
            }
            throw new Failure(
                extension_loaded($extension)
                    ? "The worker needs $function(), which is not there: take it out of disable_functions for the "
                        . 'command line.'
                    : "The worker needs the PHP extension \"$extension\": load it for the command line (`php --ini` "
                        . 'names the files)' . ($extension === 'posix' ? ', or use --processes=0.' : '.'),
                ExitCode::Environment,
            );
        }
    }

    private static function needExtension(): void
    {
        if (!extension_loaded('cache')) {
            throw new Failure(sprintf(
                'The PHP extension "cache" is not loaded in %s: add extension=cache to a .ini file of the '
                    . 'command line (`php --ini` names them).',
                PHP_BINARY,
            ), ExitCode::Environment);
        }
        if (!function_exists('cache_queue_pop')) {
            throw new Failure(sprintf(
                'The PHP extension "cache" is version %s, which has no queue, or disable_functions names '
                    . 'cache_queue_pop: install a newer one.',
                phpversion('cache'),
            ), ExitCode::Environment);
        }
    }

    /**
     * @return string|null our segment is empty, while the same user has one of another build of PHP: a sentence
     * @throws Failure
     */
    private static function attach(): ?string
    {
        if (!cache_enabled()) {
            throw new Failure(self::disabledSentence(), ExitCode::Environment);
        }
        $info = cache_info(true);
        if ($info['entries'] > 0 || $info['segment']['processes'] > 1) {
            return null;
        }
        // Whoever makes a segment removes those of other builds that no process uses.
        $others = array_diff(self::segments(), [$info['segment']['path']]);

        return $others ? sprintf(
            'The segment %s is empty; %s was made by another PHP than %s (%s): run this with the PHP of the FPM pool.',
            $info['segment']['path'],
            reset($others),
            PHP_BINARY,
            PHP_VERSION,
        ) : null;
    }

    private static function disabledSentence(): string
    {
        if (!filter_var(ini_get('cache.enable'), FILTER_VALIDATE_BOOL)) {
            return 'The cache is switched off: set cache.enable=1 for the command line.';
        }
        if (PHP_SAPI === 'cli' && !filter_var(ini_get('cache.enable_cli'), FILTER_VALIDATE_BOOL)) {
            return 'The cache is switched off for the command line: set cache.enable_cli=1, in a .ini file or by '
                . '`php -d cache.enable_cli=1`.';
        }

        return 'The cache is not to be had: ' . (cache_info(true)['reason'] ?? 'no reason is known') . '.';
    }

    private static function isSwitchedOff(): bool
    {
        return !filter_var(ini_get('cache.enable'), FILTER_VALIDATE_BOOL)
            || (PHP_SAPI === 'cli' && !filter_var(ini_get('cache.enable_cli'), FILTER_VALIDATE_BOOL));
    }

    private static function segmentName(): string
    {
        return (string) ini_get('cache.segment');
    }

    private static function folder(?int $user = null): string
    {
        $folder = (string) ini_get('cache.segment_dir');

        return $folder !== '' ? $folder : '/dev/shm/php-cache-' . ($user ?? self::user());
    }

    /** @return list<string> the files of segments of our name, for whatever build of PHP */
    private static function segments(?int $user = null): array
    {
        return self::filesOf(self::segmentName(), self::folder($user));
    }

    /** @return list<string> */
    private static function filesOf(string $name, string $folder): array
    {
        // <name>.<fingerprint>: not those of the segment "<name>.x".
        $pattern = '~/' . preg_quote($name, '~') . '\.[0-9a-f]+$~D';

        return array_values(preg_grep($pattern, glob("$folder/$name.*", GLOB_NOSORT) ?: []));
    }

    /** Who else has such a segment, or may have one: the folders of others are closed, only root looks into them. */
    private static function othersHint(): ?string
    {
        if (ini_get('cache.segment_dir') !== '') {
            return null;
        }
        $maybe = null;
        foreach (glob('/dev/shm/php-cache-*', GLOB_ONLYDIR) ?: [] as $folder) {
            $user = (int) substr(strrchr($folder, '-'), 1);
            $name = self::userName($user);
            if ($user === self::user()) {
                continue;
            }
            if (self::segments($user)) {
                return "The user $name has one: run this as that user, with `sudo -u $name`.";
            }
            // Pools seldom run as root, people who try something often do.
            if (!is_readable($folder) && ($maybe === null || $user !== 0)) {
                $maybe = "The user $name uses the cache, too: if the FPM pool runs as $name, use `sudo -u $name`.";
            }
        }

        return $maybe;
    }

    private static function user(): int
    {
        return function_exists('posix_geteuid') ? posix_geteuid() : (int) fileowner('/proc/self');
    }

    private static function userName(int $user): string
    {
        $entry = function_exists('posix_getpwuid') ? posix_getpwuid($user) : false;

        return $entry['name'] ?? "with the id $user";
    }
}
