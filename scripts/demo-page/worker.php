<?php

/*
 * What cache-worker is given: who makes which key.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

require __DIR__ . '/packages.php';

return (new SharedCache\Rebuild\Registry())
    ->add(PACKAGES_QUEUE, PACKAGES, packages_read(...), ttl: 3600, staleTtl: 3600);
