<?php

/*
 * For `cache-worker run --bootstrap=`. In WCF: bridges/wcf/worker.php, which loads global.php instead.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

require __DIR__ . '/forum.php';

return wcf\system\cache\shared\RebuildQueue::registry();
