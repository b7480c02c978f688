<?php

/*
 * A request that does nothing but use the cache for ten seconds, so that a kill hits it there. It says which worker
 * it is before it begins.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

echo getmypid(), "\n";
flush();

for ($end = hrtime(true) + 10_000_000_000, $i = 0; hrtime(true) < $end; $i++) {
    cache_store('busy ' . $i % 100, str_repeat(chr($i % 256), $i * 7919 % 50_000), ttl: 60);
    cache_fetch('busy ' . $i * 31 % 100);
    cache_inc('busy counter');
}
echo "done\n";
