<?php
/* The page without a cache: it makes everything itself, and counts nothing. */
declare(strict_types=1);

function cached(string $key, Closure $make): mixed
{
    return $make();
}

function visits(): int
{
    return 0;
}

require __DIR__ . '/page.php';
