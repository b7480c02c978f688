<?php
/*
 * A page as a visitor gets it: what of the cache's speed is left behind a web server. "no cache": the page makes its
 * values itself.
 */
declare(strict_types=1);

require_once __DIR__ . '/../../tests/lib/servers.php';

return static function (Bench $bench): iterable {
    foreach (['wrk', 'nginx', fpm()] as $tool) {
        if (tool($tool) === null) {
            yield new Figure("skipped: no $tool", null);

            return;
        }
    }
    $served = new Serializers($bench, 1, static function (array $settings) use ($bench): array {
        $pages = implode(',', [...$bench->libraries(), 'none']);
        $options = $bench->options('64M', $settings + ['cache.segment' => 'page-fpm']);

        $seconds = $bench->full(2, 1);
        $rates = $bench->php('page', [$bench->work, $bench->full(5, 1), $seconds, $pages, ...$options]);
        $ofNone = static fn (float $rate): float => $rate / $rates['none'];

        return ['page' => $rates, 'page / page without a cache' => array_map($ofNone, $rates)];
    });
    yield $served->figure(
        'page',
        'requests/s',
        Goal::times(1.3),
        most: true,
        more: ['no cache' => quantity($served->over('page', 'none'), 'requests/s')],
    );
    $name = 'page / page without a cache';
    yield new Figure($name, $served->over($name, 'cache'), null, '', Goal::atLeast(1));
};
