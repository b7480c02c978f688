<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** What was meant by a misspelt word. */
final class Suggestion
{
    /** @param list<string> $words */
    public static function of(string $word, array $words): ?string
    {
        $best = null;
        $least = max(2, intdiv(strlen($word), 3)) + 1;
        foreach ($words as $candidate) {
            $distance = str_starts_with($candidate, $word) ? 1 : levenshtein($word, $candidate);
            if ($distance < $least) {
                [$best, $least] = [$candidate, $distance];
            }
        }

        return $best;
    }
}
