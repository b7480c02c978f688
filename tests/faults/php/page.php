<?php

/* For PHP's own web server: one process, many requests. Answers with what the cache says. */

declare(strict_types=1);

switch ($_GET['do'] ?? '') {
    case 'store':
        echo json_encode(cache_store('key', str_repeat('value', 2000)));
        break;
    case 'fetch':
        $value = cache_fetch('key', $found);
        echo $found ? ($value === str_repeat('value', 2000) ? 'right' : 'wrong') : 'missing';
        break;
    case 'path':
        echo cache_info(true)['segment']['path'] ?? cache_info(true)['reason'];
        break;
}
