<?php
declare(strict_types=1);

function cached(string $key, Closure $make): mixed
{
    $value = cache_fetch($key, $found);
    if (!$found) {
        $value = $make();
        cache_store($key, $value);
    }

    return $value;
}

function visits(): int
{
    return cache_inc('page:visits');
}

require __DIR__ . '/page.php';
