<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** The queues that the segment knows. */
final class Queues
{
    /** @return list<string> */
    public static function all(): array
    {
        $names = array_map('strval', array_keys(cache_queue_info()));
        sort($names, SORT_STRING);

        return $names;
    }

    public static function unservedNote(string $name): string
    {
        return 'No worker serves "' . Text::line($name) . '": start cache-worker run.';
    }

    /**
     * @return list<string> the one, or all
     * @throws Failure there is none of that name
     */
    public static function chosen(?string $name): array
    {
        $names = self::all();
        if ($name === null) {
            return $names;
        }
        if (!in_array($name, $names, true)) {
            throw new Failure(
                'There is no queue "' . Text::line($name) . '"' . ($names
                    ? '; there are: ' . implode(', ', array_map(Text::line(...), $names)) . '.'
                    : ': nothing has been pushed so far.'),
                ExitCode::No,
            );
        }

        return [$name];
    }
}
