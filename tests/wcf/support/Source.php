<?php

declare(strict_types=1);

namespace Tests\Wcf;

/** The database: one number, and a line for each time that a builder has read it. Files, since all processes of a test see them. */
final class Source
{
    /** @var (\Closure(string): void)|null called "before" and "after" a builder's read: where a test stops it */
    public static ?\Closure $stop = null;
    private static string $folder;

    /** @param bool $isNew false: as others have left it */
    public static function open(string $folder, bool $isNew = true): void
    {
        self::$folder = $folder;
        self::$stop = null;
        if (!$isNew) {
            return;
        }
        file_put_contents("$folder/number", '1');
        file_put_contents("$folder/builds", '');
    }

    /** Commits a change. @return int the new number */
    public static function change(): int
    {
        $number = self::number() + 1;
        file_put_contents(self::$folder . '/.number', (string) $number);
        rename(self::$folder . '/.number', self::$folder . '/number');

        return $number;
    }

    public static function number(): int
    {
        return (int) file_get_contents(self::$folder . '/number');
    }

    /** What a builder does. */
    public static function build(): int
    {
        file_put_contents(self::$folder . '/builds', getmypid() . "\n", FILE_APPEND);
        self::$stop && (self::$stop)('before');
        $number = self::number();
        self::$stop && (self::$stop)('after');

        return $number;
    }

    /** @return list<int> the processes that have built, in order */
    public static function builders(): array
    {
        return array_map('intval', file(self::$folder . '/builds', FILE_IGNORE_NEW_LINES));
    }
}
