<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Dashboard;
use SharedCache\Dashboard\Forms;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Request;

/** Nothing changes but by a form that was made for the visitor who sends it. */
final class FormsTest extends DashboardTestCase
{
    private function delete(string $key): array
    {
        return ['do' => 'delete', 'k' => Html::encodeKey($key)];
    }

    public function testAForm(): void
    {
        cache_store('k', 1);
        self::assertSame(303, $this->send('entry', $this->delete('k'))->status);
        self::assertFalse(cache_exists('k'));
    }

    public function testForgedForms(): void
    {
        cache_store('k', 1);
        $token = $this->token();
        [$time, $mac] = explode('.', $token);
        $forged = [
            '', 'x', "$time.", ".$mac", ($time + 1) . ".$mac", ($time - 1) . ".$mac", " $token", "$token ", "0$token",
            $time . '.' . strrev($mac), [$token],
        ];
        foreach ($forged as $text) {
            self::assertSame(403, $this->post('entry', $this->delete('k') + ['token' => $text])->status);
        }
        self::assertSame(403, $this->post('entry', $this->delete('k'))->status);
        self::assertSame(403, $this->post('entry', $this->delete('k') + ['token' => $token], 'somebody else')->status);
        self::assertSame(403, $this->post('entry', $this->delete('k') + ['token' => $token], '')->status, 'without a name');
        foreach (['cross-site', 'same-site', 'none'] as $site) {
            self::assertSame(403, $this->post('entry', $this->delete('k') + ['token' => $token], 'me', $site)->status);
        }
        $this->settings = self::settings(['secret' => 'another secret than that']);
        self::assertSame(403, $this->post('entry', $this->delete('k') + ['token' => $token])->status);
        self::assertTrue(cache_exists('k'));
        $this->settings = self::settings();
        self::assertSame(303, $this->post('entry', $this->delete('k') + ['token' => $token], 'me', 'same-origin')->status);
        self::assertFalse(cache_exists('k'));
    }

    /** The same key signs a token of a time that has passed. */
    public function testOldForms(): void
    {
        cache_store('k', 1);
        foreach ([[-13 * 3600, 403], [60, 403], [-11 * 3600, 303]] as [$ago, $status]) {
            $time = time() + $ago;
            $token = "$time." . hash_hmac('sha256', "$time\0\0visitor\0me", $this->settings->signingKey());
            self::assertSame($status, $this->post('entry', $this->delete('k') + ['token' => $token])->status);
        }
    }

    /** Also of those whose signatures begin as the rest of a number does, as in 17.2e4. */
    public function testEachSignatureHolds(): void
    {
        for ($ago = 0; $ago < 500; $ago++) {
            $time = time() - $ago;
            $token = "$time." . hash_hmac('sha256', "$time\0\0visitor\0me", $this->settings->signingKey());
            $request = new Request('POST', post: ['token' => $token], visitor: 'me');
            self::assertNull((new Forms($this->settings, $request))->refuse(), $token);
        }
    }

    public function testGetChangesNothing(): void
    {
        cache_store('k', 1);
        $token = $this->token();
        $this->get(['view' => 'entry', 'token' => $token] + $this->delete('k'));
        self::assertTrue(cache_exists('k'));
        // Fields of the URL are none of the form.
        $request = new Request('POST', ['view' => 'entry', 'token' => $token] + $this->delete('k'), visitor: 'me');
        (new Dashboard($this->settings))->handle($request);
        self::assertTrue(cache_exists('k'));
    }

    /** Without a name of the application's the form belongs to a cookie. */
    public function testCookies(): void
    {
        cache_store('k', 1);
        $dashboard = new Dashboard($this->settings);
        $response = $dashboard->handle(new Request('GET', ['view' => 'tags'], path: '/ops/cache', secure: true));
        $header = $response->headers['Set-Cookie'];
        self::assertSame(1, preg_match('~^cache_dashboard=([0-9a-f]{32}); Path=/ops/cache; HttpOnly; SameSite=Strict; Secure$~D', $header, $match));
        self::assertSame(1, preg_match('~name="token" value="([^"]+)"~', $response->body, $token));
        $post = fn (array $cookies, ?string $user = null): int => $dashboard->handle(
            new Request('POST', ['view' => 'entry'], $this->delete('k') + ['token' => $token[1]], $cookies, user: $user),
        )->status;
        self::assertSame(403, $post([]));
        $without = new Request('POST', ['view' => 'entry'], $this->delete('k') + ['token' => $token[1]]);
        self::assertStringContainsString('cookie', $dashboard->handle($without)->body, 'it says what is missing');
        self::assertSame(403, $post([Forms::COOKIE => str_repeat('0', 32)]));
        self::assertSame(403, $post([Forms::COOKIE => [$match[1]]]));
        self::assertSame(403, $post([Forms::COOKIE => $match[1]], 'another user'));
        self::assertTrue(cache_exists('k'));
        $again = $dashboard->handle(new Request('GET', ['view' => 'tags'], [], [Forms::COOKIE => $match[1]]));
        self::assertArrayNotHasKey('Set-Cookie', $again->headers, 'it is known');
        self::assertSame(303, $post([Forms::COOKIE => $match[1]]));
        self::assertFalse(cache_exists('k'));
    }

    public function testTheCookiesPathHasNoAttributes(): void
    {
        $response = (new Dashboard($this->settings))->handle(new Request('GET', path: '/a; Domain=example.org'));
        self::assertStringNotContainsString('Domain', $response->headers['Set-Cookie']);
    }

    public function testReadOnlyUnlessConfigured(): void
    {
        $token = $this->token();
        cache_store('k', [1], 60, 60, ['t']);
        cache_queue_push('q', 'k');
        $this->settings = self::settings(['actions' => false]);
        $name = basename(cache_info(true)['segment']['path']);
        $actions = [
            $this->delete('k'), ['do' => 'stale', 'k' => Html::encodeKey('k')], ['do' => 'tag', 'tag' => 't', 'hard' => '1'],
            ['do' => 'purge', 'queue' => Html::encodeKey('q'), 'sure' => '1'], ['do' => 'clear', 'confirm' => substr($name, 0, strrpos($name, '.'))],
        ];
        foreach ($actions as $fields) {
            self::assertSame(403, $this->post('entry', $fields + ['token' => $token])->status);
        }
        self::assertSame([1], cache_fetch('k'));
        self::assertSame(1, cache_queue_info('q')['waiting']);
        foreach (['overview', 'entries', 'entry', 'tags', 'queues'] as $view) {
            $buttons = self::document($this->page(['view' => $view, 'k' => Html::encodeKey('k'), 'count' => '1']))
                ->query('//form[@method="post"]//input[@name="do"]/@value');
            $values = array_map(static fn (\DOMNode $node): string => $node->nodeValue, iterator_to_array($buttons, false));
            self::assertSame($view === 'entry' ? ['value'] : [], $values, $view);
        }
    }
}
