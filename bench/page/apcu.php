<?php
declare(strict_types=1);

function cached(string $key, Closure $make): mixed
{
    $value = apcu_fetch($key, $found);
    if (!$found) {
        $value = $make();
        apcu_store($key, $value);
    }

    return $value;
}

function visits(): int
{
    return apcu_inc('page:visits');
}

require __DIR__ . '/page.php';
