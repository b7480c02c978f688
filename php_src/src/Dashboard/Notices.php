<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What an action came to, said on the page that follows it. The URL carries a word and a number, never a text. */
final class Notices
{
    private const TEXTS = [
        'deleted' => ['one' => '1 entry was deleted.', 'many' => '%d entries were deleted.',
            'none' => 'No entry was there any more.'],
        'marked' => ['one' => '1 entry was marked as stale.', 'many' => '%d entries were marked as stale.',
            'none' => 'No entry was there any more.'],
        'invalidated' => ['one' => 'The tag was invalidated.', 'many' => '%d tags were invalidated.',
            'none' => 'Nothing was invalidated.'],
        'revived' => ['one' => '1 job is queued again.', 'many' => '%d jobs are queued again.',
            'none' => 'There was no dead letter.'],
        'purged' => ['one' => '1 job was thrown away.', 'many' => '%d jobs were thrown away.',
            'none' => 'There was nothing to throw away.'],
        'cleared' => ['one' => 'The cache was cleared.', 'many' => '', 'none' => 'The cache could not be cleared.'],
    ];

    public static function of(Request $request): string
    {
        $texts = self::TEXTS[$request->query('done')] ?? null;
        if ($texts === null) {
            return '';
        }
        $count = $request->number('count', 1, 0, PHP_INT_MAX);
        $text = match (true) {
            $count === 0 => $texts['none'],
            $count === 1 || $texts['many'] === '' => $texts['one'],
            default => sprintf($texts['many'], $count),
        };

        return '<p class="flash ' . ($count > 0 ? 'good' : 'warn') . '" role="status">' . $text . '</p>';
    }
}
