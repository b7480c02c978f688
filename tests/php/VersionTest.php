<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** The other tests run with the versions that Debian has: psr/cache 1, psr/simple-cache 1, symfony/cache-contracts 2.5. */
final class VersionTest extends TestCase
{
    public function testTheClassesLoadWithTheTypesOfVersion3(): void
    {
        $output = $this->php('require ' . var_export(__DIR__ . '/support/version3.php', true) . ';' . <<<'PHP'
            $pool = new SharedCache\Pool('three');
            $simple = new SharedCache\Psr\SimpleCache($pool);
            $simple->set('a', 5);
            $items = new SharedCache\Psr\CacheItemPool($pool);
            $contracts = new SharedCache\Bridge\Symfony\TagAwareCache(new SharedCache\Pool('contracts'));
            echo json_encode([$simple->get('a'), $items->getItem('a')->get(), $contracts->get('k', fn ($item) => $item->tag('x')->getKey())]);
            foreach ([fn () => $simple->get('{'), fn () => $items->getItem('{')] as $call) {
                try {
                    $call();
                } catch (Psr\SimpleCache\InvalidArgumentException | Psr\Cache\InvalidArgumentException $error) {
                    echo ' ', $error::class;
                }
            }
            PHP);
        self::assertSame(
            '[5,5,"k"] SharedCache\Psr\SimpleInvalidArgumentException SharedCache\Psr\InvalidArgumentException',
            $output,
        );
    }

    public function testNothingButTheCoreIsNeededByTheCore(): void
    {
        $output = $this->php('$p = new SharedCache\Pool("core"); $p->set("a", 1); echo implode(" ", array_filter('
            . '[...get_declared_classes(), ...get_declared_interfaces()], fn ($c) => preg_match("~^(Psr|Symfony)~", $c)));');
        self::assertSame('', $output);
    }
}
