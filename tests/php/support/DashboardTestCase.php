<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Dashboard;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Request;
use SharedCache\Dashboard\Response;
use SharedCache\Dashboard\Settings;

/** A visitor of the dashboard, whom the application has let in. */
abstract class DashboardTestCase extends TestCase
{
    protected const SECRET = 'a secret of some length';
    /** Ends a text, an attribute and an element, in any quotes; is no UTF-8. */
    protected const EVIL = "\"'><zz onx=\"1\">&\0\xff\u{202e}";

    protected Settings $settings;

    protected function setUp(): void
    {
        parent::setUp();
        $this->settings = self::settings();
    }

    protected function tearDown(): void
    {
        foreach (array_keys(cache_queue_info()) as $queue) {
            cache_queue_purge((string) $queue, true);
        }
        parent::tearDown();
    }

    /** @param array<string, mixed> $changes */
    protected static function settings(array $changes = []): Settings
    {
        return Settings::fromArray($changes + ['trusted' => true, 'actions' => true, 'secret' => self::SECRET]);
    }

    /** @param array<string, mixed> $query */
    protected function get(array $query = []): Response
    {
        return (new Dashboard($this->settings))->handle(new Request('GET', $query, visitor: 'me'));
    }

    /** The body of a page that is there. @param array<string, mixed> $query */
    protected function page(array $query = []): string
    {
        $response = $this->get($query);
        self::assertSame(200, $response->status, strip_tags($response->body));

        return $response->body;
    }

    /** Sends a form that the dashboard has made for this visitor. @param array<string, mixed> $fields */
    protected function send(string $view, array $fields): Response
    {
        return $this->post($view, $fields + ['token' => $this->token()]);
    }

    /** @param array<string, mixed> $fields */
    protected function post(string $view, array $fields, string $visitor = 'me', ?string $site = null): Response
    {
        $request = new Request('POST', ['view' => $view], $fields, visitor: $visitor, fetchSite: $site);

        return (new Dashboard($this->settings))->handle($request);
    }

    protected function token(): string
    {
        $forms = new Dashboard(self::settings());
        $body = $forms->handle(new Request('GET', ['view' => 'tags'], visitor: 'me'))->body;
        self::assertSame(1, preg_match('~name="token" value="([^"]+)"~', $body, $match));

        return $match[1];
    }

    protected static function document(string $html): \DOMXPath
    {
        $document = new \DOMDocument();
        // libxml knows no HTML 5 elements, and says so.
        $before = libxml_use_internal_errors(true);
        $document->loadHTML($html);
        $faults = array_filter(libxml_get_errors(), static fn (\LibXMLError $error): bool => $error->code !== 801);
        libxml_clear_errors();
        libxml_use_internal_errors($before);
        self::assertSame([], array_map(static fn (\LibXMLError $error): string => "$error->line: $error->message", $faults));

        return new \DOMXPath($document);
    }

    /** The page holds nothing that was not meant to be an element or an attribute. */
    protected static function assertHarmless(string $html): void
    {
        self::assertSame(1, preg_match('//u', $html), 'the page is UTF-8');
        self::assertFalse(strpos($html, '<zz'), 'no element of somebody else\'s');
        // What was searched for stands in the field of the search as it was typed.
        $shown = preg_replace('~<input type="search"[^>]*>~', '', $html);
        self::assertFalse(strpos($shown, "\u{202e}"), 'nothing turns the text around');
        self::assertFalse(strpos($html, "\0"));
        $page = self::document($html);
        self::assertSame(0, $page->query('//zz | //script | //@onx | //@style')->length);
        foreach ($page->query('//@href | //@action | //@formaction') as $attribute) {
            self::assertMatchesRegularExpression('~^(\?[A-Za-z0-9._=&%\-\[\]]*|data:image/svg\+xml,[^"]*)$~D', $attribute->value);
        }
    }

    /** What a reader sees, with single spaces. */
    protected static function text(string $html): string
    {
        $html = preg_replace('~<(style|title)>.*?</\1>~s', '', $html);

        return trim(preg_replace('~\s+~u', ' ', html_entity_decode(strip_tags(preg_replace('~<(?!/?(span|b|a|code)\b)~', ' <', $html)), ENT_QUOTES | ENT_HTML5)));
    }

    /** @return list<string> keys of the list */
    protected static function keys(string $html): array
    {
        $keys = [];
        foreach (self::document($html)->query('//td//@href[contains(., "view=entry&")]') as $link) {
            parse_str(substr($link->value, 1), $query);
            $keys[] = Html::decodeKey($query['k']);
        }

        return $keys;
    }
}
