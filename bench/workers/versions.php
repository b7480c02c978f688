<?php
/* versions.php LIBRARY...: the versions of what is measured; says so if one of them does not work. */
declare(strict_types=1);

$versions = ['opcache' => opcache_get_status(false) ? 'on' : 'off'];
foreach (array_slice($argv, 1) as $library) {
    if (!"{$library}_enabled"()) {
        fwrite(STDERR, "$library is disabled" . ($library === 'cache' ? ': ' . cache_info()['reason'] : '') . "\n");
        exit(1);
    }
    $versions[$library] = phpversion($library);
}
$versions['cache'] .= ', ' . cache_info(true)['segment']['mode'];
echo json_encode($versions, JSON_THROW_ON_ERROR);
