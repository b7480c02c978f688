<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\shared\SharedCacheSettings;

/** The constants of config.inc.php. */
final class SettingsTest extends TestCase
{
    private const SHOW = 'echo json_encode(wcf\system\cache\shared\SharedPool::settings());';

    public function testWhereNothingIsSaid(): void
    {
        $settings = json_decode($this->php(self::SHOW), true);
        self::assertMatchesRegularExpression('/^wcf-[0-9a-f]{12}$/', $settings['prefix']);
        unset($settings['prefix']);
        self::assertEquals([
            'queue' => null,
            'refresh' => 0.8,
            'wait' => 5.0,
            'lease' => 30.0,
            'claim' => 60,
            'grace' => 0.0,
            'strict' => true, // as ENABLE_DEBUG_MODE
        ], $settings);
    }

    public function testEachConstantIsTaken(): void
    {
        $chosen = ['prefix' => 'mine', 'queue' => 'q', 'refresh' => 0.5, 'wait' => 1.5, 'lease' => 7.0, 'claim' => 9, 'grace' => 2.5];
        $code = '';
        foreach ($chosen as $name => $value) {
            $code .= sprintf("define('SHARED_CACHE_%s', %s); ", strtoupper($name), var_export($value, true));
        }
        self::assertEquals($chosen + ['strict' => true], json_decode($this->php($code . self::SHOW), true));
    }

    public function testAFractionIsAPart(): void
    {
        foreach ([0.0, -0.1, 1.01, NAN] as $refresh) {
            try {
                new SharedCacheSettings('prefix', refresh: $refresh);
                self::fail((string) $refresh);
            } catch (\InvalidArgumentException $error) {
                self::assertStringContainsString('SHARED_CACHE_REFRESH', $error->getMessage());
            }
        }
        self::assertSame(1.0, (new SharedCacheSettings('prefix', refresh: 1.0))->refresh);
    }
}
