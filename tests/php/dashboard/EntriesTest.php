<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Search;
use SharedCache\Dashboard\Walk;

/** The list of entries: searches, pages, order. */
final class EntriesTest extends DashboardTestCase
{
    private const MANY = 10_000;

    private static function storeMany(): void
    {
        for ($i = 0; $i < self::MANY; $i++) {
            cache_store("topic:$i", $i, 600);
        }
    }

    /** Each comes on exactly one page, and no page needs more memory than another. */
    public function testPagesOfManyEntries(): void
    {
        self::storeMany();
        $seen = [];
        $memory = [];
        for ($page = 1; ; $page++) {
            memory_reset_peak_usage();
            $before = memory_get_usage();
            $html = $this->page(['view' => 'entries', 'page' => (string) $page]);
            if ($page % 40 === 1) {
                $memory[$page] = memory_get_peak_usage() - $before;
            }
            // The whole document is parsed for some pages only: it takes longer than making them.
            preg_match_all('~view=entry&amp;k=([\w-]+)~', $html, $matches);
            $keys = array_map(Html::decodeKey(...), $matches[1]);
            self::assertLessThanOrEqual(50, count($keys));
            array_push($seen, ...$keys);
            if (!str_contains($html, 'More →')) {
                break;
            }
            self::assertCount(50, $keys);
        }
        self::assertSame(intdiv(self::MANY, 50), $page);
        self::assertCount(self::MANY, array_unique($seen));
        self::assertLessThan(2_000_000, max($memory));
        self::assertStringContainsString('There are not so many', $this->page(['view' => 'entries', 'page' => (string) ($page + 1)]));
        self::assertStringContainsString('There are not so many', $this->page(['view' => 'entries', 'page' => '99999999999']));
    }

    /** When the time is over the walk ends, and the page says so. */
    public function testASearchIsStopped(): void
    {
        self::storeMany();
        $walk = new Walk(0);
        [$found, $more] = $walk->page(new Search('nothing of that', 'contains'), 50);
        self::assertSame([[], false, true], [$found, $more, $walk->wasStopped()]);
        self::assertLessThan(1000, $walk->seen());
        $this->settings = self::settings(['walkSeconds' => 1e-9]);
        $html = $this->page(['view' => 'entries', 'q' => 'nothing of that', 'match' => 'contains']);
        self::assertStringContainsString('The search was stopped', $html);
        self::assertStringContainsString('then the time was over', $this->page(['view' => 'tags', 'count' => '1']));
        $this->settings = self::settings(['walkSeconds' => 60]);
        self::assertStringNotContainsString('The search was stopped', $this->page(['view' => 'entries', 'q' => 'x', 'match' => 'contains']));
    }

    /** @dataProvider searches */
    public function testSearches(array $query, array $expected): void
    {
        cache_store('user:1', 1, 600, 0, ['t']);
        cache_store('user:2', 1, 600, 600, ['t', "\xff"]);
        cache_store('old user:3', 1, 600, 600, ["\xff"]);
        cache_store("bin\0\xff", 1);
        cache_store('USER:4', 1);
        cache_store('5', 1);
        cache_store("a/~#\1", 1);
        cache_mark_stale(['user:2', 'old user:3']);
        $keys = self::keys($this->page(['view' => 'entries'] + $query));
        sort($keys);
        self::assertSame($expected, $keys);
    }

    public static function searches(): array
    {
        $tag = static fn (string $tag): array => ['tag' => Html::encodeKey($tag)];

        return [
            [[], ['5', 'USER:4', "a/~#\1", "bin\0\xff", 'old user:3', 'user:1', 'user:2']],
            [['q' => 'user:'], ['user:1', 'user:2']],
            [['q' => 'user:', 'match' => 'contains'], ['old user:3', 'user:1', 'user:2']],
            [['q' => '^(?i)user:[14]$', 'match' => 'regex'], ['USER:4', 'user:1']],
            [['q' => '\x00\xff', 'match' => 'regex'], ["bin\0\xff"]],
            [['q' => "/~#\1", 'match' => 'regex'], ["a/~#\1"]],
            [['q' => '5'], ['5']],
            [['state' => 'stale'], ['old user:3', 'user:2']],
            [['state' => 'fresh', 'q' => 'user:'], ['user:1']],
            [$tag('t'), ['user:1', 'user:2']],
            [$tag("\xff"), ['old user:3', 'user:2']],
            [$tag('t') + ['state' => 'stale'], ['user:2']],
            [['match' => 'nonsense', 'state' => 'nonsense', 'q' => ['array'], 'page' => 'x', 'sort' => 'x'],
                ['5', 'USER:4', "a/~#\1", "bin\0\xff", 'old user:3', 'user:1', 'user:2']],
        ];
    }

    public function testAPatternThatIsNone(): void
    {
        cache_store('k', 1);
        $html = $this->page(['view' => 'entries', 'q' => '([<zz', 'match' => 'regex']);
        self::assertStringContainsString('That is no pattern', $html);
        self::assertHarmless($html);
    }

    /** A pattern that takes too many steps ends, and its keys do not count as ones that do not fit. */
    public function testAPatternThatTakesTooLong(): void
    {
        cache_store(str_repeat('a', 60) . 'b', 1);
        cache_store('aaa', 1);
        $html = $this->page(['view' => 'entries', 'q' => '^(a|aa)+$', 'match' => 'regex']);
        self::assertSame(['aaa'], self::keys($html));
        self::assertStringContainsString('Of 1 key it was not found out', $html);
        $html = $this->page(['view' => 'entries', 'q' => '^a+b?$', 'match' => 'regex']);
        self::assertCount(2, self::keys($html));
        self::assertStringNotContainsString('not found out', $html);
    }

    /** @dataProvider orders */
    public function testOrder(string $sort, array $expected): void
    {
        $now = (int) (microtime(true) * 1e6);
        cache_store('10', str_repeat('x', 3000), 100, 0, [], $now - 50_000_000);
        cache_store('1e1', [1], 500, 900, [], $now - 20_000_000);
        cache_store('9', 1, 0, 0, [], $now - 90_000_000);
        cache_mark_stale('1e1');
        cache_fetch('9');
        foreach (['' => $expected, 'desc' => array_reverse($expected)] as $direction => $keys) {
            $html = $this->page(['view' => 'entries', 'sort' => $sort, 'dir' => $direction]);
            self::assertSame($keys, self::keys($html));
        }
    }

    public static function orders(): array
    {
        return [
            'key' => ['key', ['10', '1e1', '9']],
            'type' => ['type', ['1e1', '9', '10']],
            'size' => ['size', ['9', '1e1', '10']],
            'left' => ['left', ['10', '1e1', '9']],
            'age' => ['age', ['1e1', '10', '9']],
        ];
    }

    public function testColumns(): void
    {
        cache_store('k', 'text', 600, 60, ['a', 'b', 'c', 'd', 'e', 'f']);
        cache_lease('k', 60);
        $text = self::text($this->page(['view' => 'entries']));
        self::assertMatchesRegularExpression('~ k string [\d,]+ \d+( m?s)? stale in 10 min fresh a b c d 2 more \d\+? until \d\d:\d\d:\d\d ~', "$text ");
    }

    /** Keys that are too long for a URL travel in forms, also where nothing can be done to them. */
    public function testLongKeys(): void
    {
        $key = str_repeat("long \xff", 3000);
        cache_store($key, 'its value', 60);
        foreach ([true, false] as $actions) {
            $this->settings = self::settings(['actions' => $actions]);
            $button = self::document($this->page(['view' => 'entries']))->query('//button[@name="k"]')->item(0);
            $form = $button->parentNode;
            while ($form->nodeName !== 'form') {
                $form = $form->parentNode;
            }
            self::assertSame('post', $form->getAttribute('method'));
            self::assertSame('?view=entry', $button->getAttribute('formaction'));
            $response = $this->post('entry', ['do' => '', 'k' => $button->getAttribute('value')]);
            self::assertSame(200, $response->status);
            self::assertStringContainsString('its value', $response->body);
            self::assertHarmless($response->body);
        }
        $this->settings = self::settings();
        self::assertSame(303, $this->send('entry', ['do' => 'delete', 'k' => Html::encodeKey($key)])->status);
        self::assertFalse(cache_exists($key));
    }

    public function testNoValueIsDecoded(): void
    {
        cache_store('object', new Noted());
        Noted::$runs = 0;
        $this->page(['view' => 'entries']);
        $this->page(['view' => 'tags', 'count' => '1']);
        self::assertSame(0, Noted::$runs);
    }
}
