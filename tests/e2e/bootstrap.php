<?php
/* What cache-worker is given. */
declare(strict_types=1);

require_once __DIR__ . '/application.php';

return (new Application(getenv('CACHE_E2E_FOLDER')))->registry();
