<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** The entry script in PHP's own web server, as an operator would start it; and in a PHP without the cache. */
final class ServerTest extends DashboardTestCase
{
    private const SCRIPT = __DIR__ . '/../../../php_src/dashboard/index.php';

    /** @var resource|null */
    private $server;
    private string $address;
    private string $log;

    protected function tearDown(): void
    {
        if ($this->server !== null) {
            proc_terminate($this->server, SIGKILL);
            proc_close($this->server);
            unlink($this->log);
        }
        parent::tearDown();
    }

    /** @param array<string, string> $environment @param array<string, string> $settings */
    private function start(array $environment, array $settings = [], bool $extension = true): void
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $this->address = stream_socket_get_name($socket, false);
        fclose($socket);
        $this->log = (string) tempnam(sys_get_temp_dir(), 'dashboard');
        $settings += ['cache.segment' => getenv('CACHE_TEST_SEGMENT'), 'display_errors' => '1', 'error_reporting' => '-1', 'html_errors' => '0'];
        // It ends with the process that has started it, however that ends.
        $command = ['setpriv', '--pdeathsig', 'KILL', getenv('CACHE_TEST_PHP'), '-n'];
        if ($extension) {
            array_push($command, '-d', 'extension=' . getenv('CACHE_TEST_EXTENSION'));
        }
        foreach ($settings as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }
        array_push($command, '-S', $this->address, self::SCRIPT);
        $output = ['file', $this->log, 'a'];
        $this->server = proc_open($command, [['file', '/dev/null', 'r'], $output, $output], $pipes, null, $environment + getenv());
        for ($i = 0; $i < 200 && !@stream_socket_client("tcp://$this->address"); $i++) {
            usleep(50_000);
        }
    }

    /** @param array<string, string> $headers @return array{int, array<string, string>, string} status, headers by name in lower case, body */
    private function ask(string $query, array $headers = [], ?array $post = null): array
    {
        $lines = array_map(static fn (string $name, string $value): string => "$name: $value", array_keys($headers), $headers);
        $http = ['ignore_errors' => true, 'follow_location' => 0, 'timeout' => 60];
        if ($post !== null) {
            $lines[] = 'Content-Type: application/x-www-form-urlencoded';
            $http += ['method' => 'POST', 'content' => http_build_query($post)];
        }
        $body = file_get_contents("http://$this->address/$query", false, stream_context_create(['http' => $http + ['header' => $lines]]));
        preg_match('~^HTTP/\S+ (\d+)~', $http_response_header[0], $match);
        $found = [];
        foreach (array_slice($http_response_header, 1) as $line) {
            [$name, $value] = explode(': ', $line, 2) + [1 => ''];
            $found[strtolower($name)] = $value;
        }

        return [(int) $match[1], $found, (string) $body];
    }

    public function testAnOperatorsVisit(): void
    {
        cache_store("topic\xff", 'its text', 600);
        $this->start(['CACHE_DASHBOARD_PASSWORD_HASH' => password_hash('pass word', PASSWORD_BCRYPT, ['cost' => 4]), 'CACHE_DASHBOARD_ACTIONS' => '1']);
        $login = ['Authorization' => 'Basic ' . base64_encode('admin:pass word')];
        self::assertSame(401, $this->ask('')[0]);
        self::assertSame(401, $this->ask('', ['Authorization' => 'Basic ' . base64_encode('admin:wrong')])[0]);
        [$status, $headers, $body] = $this->ask('', $login);
        self::assertSame(200, $status);
        self::assertHarmless($body);
        self::assertStringContainsString(cache_info(true)['segment']['path'], $body);
        self::assertStringContainsString("default-src 'none'", $headers['content-security-policy']);
        self::assertArrayNotHasKey('x-powered-by', $headers);
        // From the list to the entry, and its form, as a browser does it.
        preg_match('~href="(\?view=entry&amp;k=[^"]+)"~', $this->ask('?view=entries&q=topic', $login)[2], $link);
        [, $headers, $body] = $this->ask(html_entity_decode($link[1]), $login);
        self::assertStringContainsString('its text', $body);
        self::assertMatchesRegularExpression('~^cache_dashboard=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Strict$~', $headers['set-cookie']);
        $form = self::document($body)->query('//form[.//input[@value="delete"]]')->item(0);
        $fields = [];
        foreach ($form->getElementsByTagName('input') as $input) {
            $fields[$input->getAttribute('name')] = $input->getAttribute('value');
        }
        $cookie = ['Cookie' => strtok($headers['set-cookie'], ';')];
        $action = $form->getAttribute('action');
        self::assertSame(403, $this->ask($action, $login, $fields)[0], 'without the cookie');
        self::assertSame(401, $this->ask($action, $cookie, $fields)[0], 'without the password');
        self::assertSame(403, $this->ask($action, $login + $cookie + ['Sec-Fetch-Site' => 'cross-site'], $fields)[0]);
        self::assertTrue(cache_exists("topic\xff"));
        [$status, $headers] = $this->ask($action, $login + $cookie + ['Sec-Fetch-Site' => 'same-origin'], $fields);
        self::assertSame(303, $status);
        self::assertFalse(cache_exists("topic\xff"));
        self::assertStringContainsString('1 entry was deleted.', $this->ask($headers['location'], $login)[2]);
        $data = json_decode($this->ask('?format=json', $login)[2], true, flags: JSON_THROW_ON_ERROR);
        self::assertSame(cache_info(true)['segment']['path'], $data['info']['segment']['path']);
        self::assertDoesNotMatchRegularExpression('~(Warning|Notice|Deprecated|Fatal)~', file_get_contents($this->log));
    }

    public function testWithoutConfiguration(): void
    {
        $this->start([]);
        [$status, $headers, $body] = $this->ask('?format=json');
        self::assertSame(403, $status);
        self::assertStringContainsString('CACHE_DASHBOARD_PASSWORD_HASH', $body);
        self::assertSame('DENY', $headers['x-frame-options']);
    }

    public function testAWrongConfiguration(): void
    {
        $this->start(['CACHE_DASHBOARD_PASSWORD_HASH' => 'what nobody should see']);
        [$status, , $body] = $this->ask('');
        self::assertSame(500, $status);
        self::assertStringNotContainsString('what nobody should see', $body . file_get_contents($this->log));
        self::assertStringContainsString('passwordHash is no hash', file_get_contents($this->log));
    }

    /** @dataProvider absences */
    public function testWithoutTheCache(array $settings, bool $extension, string $why): void
    {
        $this->start(['CACHE_DASHBOARD_TRUSTED' => '1', 'CACHE_DASHBOARD_METRICS' => '1'], $settings, $extension);
        foreach (['', '?view=entries', '?view=queues', '?view=entry&k=eA'] as $query) {
            [$status, , $body] = $this->ask($query);
            self::assertSame(200, $status);
            self::assertStringContainsString('The cache is not to be had', $body);
            self::assertStringContainsString($why, $body);
            self::assertHarmless($body);
        }
        $data = json_decode($this->ask('?format=json')[2], true, flags: JSON_THROW_ON_ERROR);
        self::assertFalse($data['enabled']);
        self::assertStringContainsString("cache_up 0\n", $this->ask('?view=metrics')[2]);
    }

    public static function absences(): array
    {
        return [
            'no extension' => [[], false, 'is not loaded'],
            'disabled' => [['cache.enable' => '0'], true, 'The cache is disabled'],
            'no folder' => [['cache.segment_dir' => '/nowhere'], true, 'The cache is disabled'],
        ];
    }

    public function testAFunctionThatIsDisabled(): void
    {
        $this->start(['CACHE_DASHBOARD_TRUSTED' => '1'], ['disable_functions' => 'cache_delete,cache_inc']);
        [$status, , $body] = $this->ask('');
        self::assertSame(200, $status);
        self::assertStringContainsString('leaves out cache_delete, cache_inc', $body);
    }

    /** A password is asked for, and checked, where there is no cache to count tries in. */
    public function testThePasswordWithoutTheCache(): void
    {
        $this->start(['CACHE_DASHBOARD_PASSWORD_HASH' => password_hash('right', PASSWORD_BCRYPT, ['cost' => 4])], [], false);
        self::assertSame(401, $this->ask('', ['Authorization' => 'Basic ' . base64_encode('admin:wrong')])[0]);
        self::assertSame(200, $this->ask('', ['Authorization' => 'Basic ' . base64_encode('admin:right')])[0]);
    }
}
