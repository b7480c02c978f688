<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Configuration;
use SharedCache\Dashboard\Dashboard;
use SharedCache\Dashboard\Request;
use SharedCache\Dashboard\Response;
use SharedCache\Dashboard\Settings;
use SharedCache\Dashboard\SettingsException;

/** Who is let in to the dashboard. */
final class AccessTest extends DashboardTestCase
{
    private static string $hash;

    public static function setUpBeforeClass(): void
    {
        self::$hash = password_hash('right', PASSWORD_BCRYPT, ['cost' => 4]);
    }

    private static function visit(Settings $settings, ?string $user, ?string $password, string $address = '192.0.2.1', array $query = []): Response
    {
        $request = new Request('GET', $query, user: $user, password: $password, address: $address);

        return (new Dashboard($settings))->handle($request);
    }

    public function testNobodyIsLetInUntilItIsConfigured(): void
    {
        cache_store('a key of somebody', 1);
        foreach (['overview', 'entries', 'metrics', 'config', 'nonsense'] as $view) {
            foreach (['GET', 'HEAD', 'POST'] as $method) {
                $response = (new Dashboard(new Settings(metrics: true)))->handle(new Request($method, ['view' => $view, 'format' => 'json']));
                self::assertSame(403, $response->status);
                self::assertStringNotContainsString('a key of somebody', $response->body);
                self::assertStringNotContainsString((string) gethostname(), strip_tags($response->body));
                self::assertSame($method !== 'HEAD', str_contains($response->body, 'CACHE_DASHBOARD_PASSWORD_HASH'));
            }
        }
    }

    public function testPasswords(): void
    {
        $settings = new Settings(passwordHash: self::$hash, user: 'ops', metrics: true);
        foreach ([[null, null], ['ops', null], ['ops', 'wrong'], ['ops', ''], ['admin', 'right'], ['', 'right'], ['OPS', 'right']] as $i => [$user, $password]) {
            foreach (['overview', 'metrics'] as $view) {
                $response = self::visit($settings, $user, $password, "192.0.2.$i", ['view' => $view, 'format' => 'json']);
                self::assertSame(401, $response->status);
                self::assertStringStartsWith('Basic ', $response->headers['WWW-Authenticate']);
                self::assertStringNotContainsString('hits', $response->body);
            }
        }
        self::assertSame(200, self::visit($settings, 'ops', 'right')->status);
        self::assertStringContainsString('cache_hits_total', self::visit($settings, 'ops', 'right', query: ['view' => 'metrics'])->body);
    }

    public function testTriesAreCounted(): void
    {
        $settings = new Settings(passwordHash: self::$hash);
        for ($i = 0; $i < 10; $i++) {
            self::assertSame(401, self::visit($settings, 'admin', "wrong $i")->status);
        }
        $response = self::visit($settings, 'admin', 'right');
        self::assertSame(429, $response->status, 'also the right one');
        self::assertGreaterThan(200, (int) $response->headers['Retry-After']);
        self::assertLessThanOrEqual(300, (int) $response->headers['Retry-After']);
        self::assertSame(200, self::visit($settings, 'admin', 'right', '192.0.2.2')->status, 'another address');
        self::assertSame(401, self::visit($settings, null, null)->status, 'nothing was tried');
    }

    public function testRightTriesDoNotCount(): void
    {
        $settings = new Settings(passwordHash: self::$hash);
        for ($i = 0; $i < 30; $i++) {
            self::assertSame(200, self::visit($settings, 'admin', 'right')->status);
        }
        for ($i = 0; $i < 9; $i++) {
            self::visit($settings, 'admin', 'wrong');
            self::assertSame(200, self::visit($settings, 'admin', 'right')->status, 'but they do not make wrong ones forgotten');
        }
        self::visit($settings, 'admin', 'wrong');
        self::assertSame(429, self::visit($settings, 'admin', 'right')->status);
    }

    /** Of IPv6 a network of 64 bits is one visitor; IPv4 within IPv6 is IPv4. */
    public function testAddresses(): void
    {
        $settings = new Settings(passwordHash: self::$hash);
        for ($i = 0; $i < 10; $i++) {
            self::visit($settings, 'admin', 'wrong', "2001:db8:1:2::$i");
            self::visit($settings, 'admin', 'wrong', "::ffff:192.0.2.9");
        }
        self::assertSame(429, self::visit($settings, 'admin', 'right', '2001:db8:1:2:a:b:c:d')->status);
        self::assertSame(200, self::visit($settings, 'admin', 'right', '2001:db8:1:3::1')->status);
        self::assertSame(429, self::visit($settings, 'admin', 'right', '192.0.2.9')->status);
        self::assertSame(200, self::visit($settings, 'admin', 'right', '192.0.2.8')->status);
    }

    public function testTheApplicationsCheck(): void
    {
        $settings = new Settings(allow: static fn (Request $request): bool => $request->visitor === 'the operator');
        $visit = static fn (string $visitor): Response => (new Dashboard($settings))->handle(new Request('GET', visitor: $visitor));
        self::assertSame(200, $visit('the operator')->status);
        self::assertSame(403, $visit('somebody')->status);
        $both = new Settings(passwordHash: self::$hash, allow: static fn (): bool => false);
        self::assertSame(403, self::visit($both, 'admin', 'right')->status, 'one does not stand for the other');
        $both = new Settings(passwordHash: self::$hash, trusted: true, allow: static fn (): bool => true);
        self::assertSame(401, self::visit($both, 'admin', 'wrong')->status);
        $throws = new Settings(allow: static fn () => throw new \RuntimeException('the database is gone'));
        $before = ini_set('error_log', '/dev/null');
        $response = (new Dashboard($throws))->handle(new Request());
        ini_set('error_log', (string) $before);
        self::assertSame(500, $response->status);
        self::assertStringNotContainsString('database', $response->body);
    }

    public function testHeaders(): void
    {
        foreach ([new Settings(), self::settings(), new Settings(passwordHash: self::$hash)] as $settings) {
            foreach (['overview', 'entries', 'metrics'] as $view) {
                $response = (new Dashboard($settings))->handle(new Request('GET', ['view' => $view]));
                $policy = $response->headers['Content-Security-Policy'];
                self::assertStringContainsString("default-src 'none'", $policy);
                self::assertStringContainsString("frame-ancestors 'none'", $policy);
                self::assertStringNotContainsString('unsafe', $policy);
                self::assertSame('DENY', $response->headers['X-Frame-Options']);
                self::assertSame('no-store', $response->headers['Cache-Control']);
                self::assertSame('same-origin', $response->headers['Referrer-Policy']);
                self::assertSame('nosniff', $response->headers['X-Content-Type-Options']);
                if (preg_match('~<style>(.*?)</style>~s', $response->body, $match)) {
                    self::assertStringContainsString("'sha256-" . base64_encode(hash('sha256', $match[1], true)) . "'", $policy);
                }
            }
        }
    }

    public function testMethods(): void
    {
        self::assertSame(405, (new Dashboard($this->settings))->handle(new Request('DELETE'))->status);
        $head = (new Dashboard($this->settings))->handle(new Request('HEAD'));
        self::assertSame([200, ''], [$head->status, $head->body]);
        self::assertSame(404, $this->get(['view' => 'metrics'])->status, 'off by default');
        self::assertSame(404, $this->get(['view' => '../Actions'])->status);
        self::assertSame(200, $this->get(['view' => ['entries']])->status, 'an array is no name');
    }

    /** @dataProvider wrongSettings */
    public function testWrongSettings(array $settings, string $sentence): void
    {
        $this->expectException(SettingsException::class);
        $this->expectExceptionMessage($sentence);
        Settings::fromArray($settings);
    }

    public static function wrongSettings(): array
    {
        return [
            [['passwordHash' => 'secret'], 'passwordHash is no hash'],
            [['trusted' => true, 'actions' => true], 'actions need a secret'],
            [['secret' => 'short'], 'at least 16 bytes'],
            [['password' => 'x'], 'There is no setting "password"'],
            [[true], 'There is no setting "0"'],
            [['actions' => 'yes'], 'actions must be of type bool, string given'],
            [['pageSize' => 0], 'pageSize must be between'],
            [['walkSeconds' => 0], 'walkSeconds must be'],
        ];
    }

    public function testTheEnvironment(): void
    {
        self::assertFalse(Configuration::load([])->isConfigured());
        $settings = Configuration::load([
            'CACHE_DASHBOARD_PASSWORD_HASH' => self::$hash, 'CACHE_DASHBOARD_USER' => 'ops', 'CACHE_DASHBOARD_ACTIONS' => '1',
            'CACHE_DASHBOARD_DECODE' => 'off', 'CACHE_DASHBOARD_TITLE' => '',
        ]);
        self::assertSame([self::$hash, 'ops', true, false, true, null], [
            $settings->passwordHash, $settings->user, $settings->actions, $settings->decode, $settings->values, $settings->title,
        ]);
        foreach ([
            ['TRUSTED' => 'perhaps', 'says' => 'CACHE_DASHBOARD_TRUSTED must be 0 or 1'],
            ['CONFIG' => '/nowhere/at/all.php', 'says' => 'does not exist'],
            ['PASSWORD_HASH' => 'plain', 'says' => 'passwordHash is no hash'],
        ] as $variables) {
            $says = array_pop($variables);
            try {
                Configuration::load(['CACHE_DASHBOARD_' . key($variables) => current($variables)]);
                self::fail($says);
            } catch (SettingsException $error) {
                self::assertStringContainsString($says, $error->getMessage());
            }
        }
    }

    public function testTheFile(): void
    {
        $file = tempnam(sys_get_temp_dir(), 'dashboard');
        $load = static function (string $code) use ($file): Settings {
            file_put_contents($file, "<?php $code");

            return Configuration::load(['CACHE_DASHBOARD_CONFIG' => $file, 'CACHE_DASHBOARD_USER' => 'of the environment']);
        };
        try {
            $settings = $load('return ["trusted" => true, "pageSize" => 7];');
            self::assertSame([true, 7, 'of the environment'], [$settings->trusted, $settings->pageSize, $settings->user]);
            self::assertSame('of the file', $load('return ["user" => "of the file"];')->user);
            foreach ([
                'return 1;' => 'returns int: let it end with', 'return [;' => 'failed: ParseError',
                'throw new LogicException("no.");' => 'failed: LogicException: no (line 1)', 'return ["nope" => 1];' => 'There is no setting "nope"',
            ] as $code => $sentence) {
                try {
                    $load($code);
                    self::fail($code);
                } catch (SettingsException $error) {
                    self::assertStringContainsString($sentence, $error->getMessage());
                }
            }
        } finally {
            unlink($file);
        }
    }
}
