<?php

/*
 * On the command line: reads what the page has cached.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

require __DIR__ . '/packages.php';

$info = cache_key_info(PACKAGES);
if ($info === null) {
    fwrite(STDERR, "there is no entry '" . PACKAGES . "'\n");
    exit(1);
}
$started = hrtime(true);
$packages = cache_fetch(PACKAGES, $found);
$milliseconds = (hrtime(true) - $started) / 1e6;
if (!$found) {
    fwrite(STDERR, "the entry '" . PACKAGES . "' is not fresh\n");
    exit(1);
}
printf(
    "process %d found '%s': %d packages in %.2f ms; %s, %.2f MB in the segment, fresh for another %d s\n",
    getmypid(),
    PACKAGES,
    count($packages),
    $milliseconds,
    $info['type'],
    $info['size'] / 1e6,
    ($info['soft'] / 1e6) - time(),
);
