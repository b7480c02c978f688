<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Counters;
use SharedCache\Dashboard\Directives;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Preview;
use SharedCache\Dashboard\Rates;
use SharedCache\Dashboard\Snapshot;

/** What the pages show, of an empty cache and of one that is full of nasty things. */
final class ViewsTest extends DashboardTestCase
{
    private const VIEWS = ['overview', 'entries', 'tags', 'queues', 'locks', 'config'];

    private static function fillWithEvil(): void
    {
        cache_store(self::EVIL, self::EVIL, 60, 60, [self::EVIL, "tag\xfe"]);
        cache_store('in an array', [self::EVIL => [self::EVIL, 1.5, null, true]], 60);
        cache_queue_push(self::EVIL, self::EVIL, [self::EVIL]);
        while ($job = cache_queue_pop(self::EVIL)) {
            cache_queue_fail($job['id'], $job['token'], self::EVIL, 0);
        }
        cache_queue_push(self::EVIL, 'waits' . self::EVIL);
        cache_lock_for_write(self::EVIL);
    }

    public function testAnEmptyCache(): void
    {
        foreach (self::VIEWS as $view) {
            self::assertHarmless($this->page(['view' => $view]));
        }
        self::assertStringContainsString('Nothing of that kind is in the cache', $this->page(['view' => 'entries']));
        self::assertStringContainsString('No entry has a tag', $this->page(['view' => 'tags', 'count' => '1']));
        self::assertStringContainsString('Nobody holds a named lock', $this->page(['view' => 'locks']));
        self::assertStringContainsString('There is no entry of this key', $this->page(['view' => 'entry', 'k' => Html::encodeKey('x')]));
        foreach (['', '%', '=', ['x']] as $key) {
            self::assertStringContainsString('That is no key', $this->page(['view' => 'entry', 'k' => $key]));
        }
    }

    public function testEverythingIsEscaped(): void
    {
        self::fillWithEvil();
        $parameters = ['tag' => Html::encodeKey(self::EVIL), 'q' => self::EVIL, 'since' => self::EVIL, 'refresh' => self::EVIL];
        try {
            foreach ([true, false] as $actions) {
                $this->settings = self::settings(['actions' => $actions, 'title' => '"\'><zz onx="1">']);
                foreach ([...self::VIEWS, 'entry', self::EVIL] as $view) {
                    foreach ([[], ['count' => '1'], $parameters, $parameters + ['match' => 'regex']] as $query) {
                        $html = $this->get(['view' => $view, 'k' => Html::encodeKey(self::EVIL)] + $query)->body;
                        self::assertHarmless($html);
                    }
                }
                foreach (['entries', 'tags', 'queues', 'locks', 'entry'] as $view) {
                    $html = $this->page(['view' => $view, 'k' => Html::encodeKey(self::EVIL), 'count' => '1']);
                    self::assertStringContainsString('&lt;zz onx=&quot;1&quot;&gt;', $html, $view);
                    self::assertStringContainsString('\xFF', $html, $view);
                }
                self::assertStringContainsString('\x00\xFF\xE2\x80\xAE', $this->page(['view' => 'entries']));
                $value = $this->send('entry', ['do' => 'value', 'k' => Html::encodeKey('in an array')])->body;
                self::assertHarmless($value);
                self::assertStringContainsString('&lt;zz', $value);
                $letters = $this->send('queues', ['do' => 'letters', 'queue' => Html::encodeKey(self::EVIL)])->body;
                self::assertHarmless($letters);
                self::assertGreaterThanOrEqual(4, substr_count($letters, '&lt;zz'));
            }
        } finally {
            cache_lock_release(self::EVIL);
        }
    }

    public function testBytes(): void
    {
        self::assertSame('a&lt;b&gt; ü', Html::bytes('a<b> ü'));
        self::assertSame('a<span class="x">\xFC</span>b', Html::bytes("a\xfcb"));
        self::assertSame('<span class="x">\x0A\x00</span>\x00', Html::bytes("\n\0" . '\x00'));
        self::assertSame('<span class="x">\xE2\x80\xAE</span>x', Html::bytes("\u{202e}x"));
        self::assertSame('aü<span class="more">… 2 B more</span>', Html::bytes('aüü', 4));
        self::assertSame('aü<span class="more">… 2 B more</span>', Html::bytes('aüü', 3));
        self::assertSame("a\n<span class=\"x\">\\x0D</span>", Html::lines("a\n\r", 10));
        foreach (["\0", "\xff\xfe", 'a+b/c', str_repeat('x', 65_535)] as $key) {
            self::assertSame($key, Html::decodeKey(Html::encodeKey($key)));
            self::assertMatchesRegularExpression('~^[\w-]+$~D', Html::encodeKey($key));
        }
    }

    public function testTheOverview(): void
    {
        cache_store('a', str_repeat('x', 100_000), 60);
        cache_fetch('a');
        cache_fetch('b');
        $before = self::text($this->page());
        $info = cache_info();
        self::assertStringContainsString($info['segment']['path'], $before);
        self::assertStringContainsString('Entries ' . number_format($info['entries']) . ' ', $before);
        self::assertStringContainsString('Clear the cache', $before);
        foreach (Counters::of($info) as $group => $counters) {
            self::assertStringContainsString($group, $before);
            foreach ($counters as $name => [, $text]) {
                self::assertStringContainsString($text, $before, $name);
            }
        }
        self::assertStringNotContainsString('http-equiv="refresh"', $this->page());
    }

    /** The figures of one moment are in the URL of the next. */
    public function testRates(): void
    {
        cache_store('a', 1);
        $html = $this->page(['refresh' => '7']);
        self::assertSame(1, preg_match('~<meta http-equiv="refresh" content="7;url=([^"]+)">~', $html, $match));
        parse_str(substr(html_entity_decode($match[1]), 1), $query);
        self::assertSame(['view', 'refresh', 'since'], array_keys($query));
        $numbers = explode('-', $query['since']);
        $numbers[0] -= 10_000;
        foreach (range(1, 30) as $i) {
            cache_fetch($i % 3 ? 'a' : 'nothing');
        }
        $text = self::text($this->page(['since' => implode('-', $numbers)]));
        self::assertMatchesRegularExpression('~3 a second in the last 1\d s, of which 66\.7 % were answered~', $text);
        foreach (['', 'x', '1-2', '-1-1-1-1-1', '1-1-1-1-1', implode('-', [$numbers[0], 999_999_999, 1, 1, 1])] as $mark) {
            self::assertNull(Rates::since($mark, Snapshot::take()), $mark);
        }
    }

    public function testJson(): void
    {
        cache_store('a', 1);
        cache_queue_push('q', 'k');
        cache_queue_push("q\xff", 'k');
        cache_lock_for_read("lock\xff");
        $response = $this->get(['format' => 'json']);
        cache_lock_release("lock\xff");
        self::assertSame('application/json', $response->headers['Content-Type']);
        $data = json_decode($response->body, true, flags: JSON_THROW_ON_ERROR);
        self::assertTrue($data['enabled']);
        self::assertFalse($data['healthy']);
        self::assertContains('queue_unserved', array_column($data['warnings'], 'code'));
        self::assertSame(cache_info(true)['segment']['path'], $data['info']['segment']['path']);
        self::assertEquals(['q' => 1, 'q\377' => 1], array_intersect_key(array_column($data['queues'], 'waiting', 'name'), ['q' => 1, 'q\377' => 1]));
        self::assertContains(base64_encode("q\xff"), array_column($data['queues'], 'name_base64'));
        self::assertSame([1], array_column($data['locks'], 'readers'));
        self::assertArrayNotHasKey('histograms', $data['info']);
    }

    public function testAnEntry(): void
    {
        cache_store('k', "line <1>\nline 2", 600, 60, ['t']);
        cache_lease('k', 60);
        $text = self::text($html = $this->page(['view' => 'entry', 'k' => Html::encodeKey('k')]));
        self::assertStringContainsString("line &lt;1&gt;\nline 2", $html);
        foreach (['State fresh stale in 10 min', 'Type string', 'Tags t', '10 min, then stale for 60 s', 'by the process in the place'] as $words) {
            self::assertStringContainsString($words, $text);
        }
        self::assertStringContainsString('Stale from', $text);
        cache_store('no stale period', 1, 600);
        $text = self::text($this->page(['view' => 'entry', 'k' => Html::encodeKey('no stale period')]));
        self::assertStringContainsString('Ttl 10 min as it', $text);
        self::assertStringNotContainsString('Stale from', $text);
        $hits = cache_info()['hits'];
        $this->settings = self::settings(['values' => false]);
        self::assertStringNotContainsString('line &lt;1&gt;', $this->page(['view' => 'entry', 'k' => Html::encodeKey('k')]));
        self::assertSame(403, $this->send('entry', ['do' => 'value', 'k' => Html::encodeKey('k')])->status);
        self::assertSame($hits, cache_info()['hits'], 'nothing was fetched');
    }

    public function testObjectsAreDecodedOnDemand(): void
    {
        $key = ['k' => Html::encodeKey('k')];
        foreach ([new Noted(), [1, new Noted()]] as $value) {
            cache_store('k', $value);
            Noted::$runs = 0;
            self::assertStringNotContainsString('what it holds', $this->page(['view' => 'entry'] + $key));
            self::assertSame(403, $this->post('entry', ['do' => 'value'] + $key)->status, 'a form that nobody made');
            $this->get(['view' => 'entry', 'do' => 'value', 'token' => $this->token()] + $key);
            self::assertSame(0, Noted::$runs);
            $response = $this->send('entry', ['do' => 'value'] + $key);
            self::assertStringContainsString('what it holds', $response->body);
            self::assertStringContainsString('SharedCache\Tests\Noted', $response->body);
            self::assertHarmless($response->body);
            self::assertSame(1, Noted::$runs);
        }
        foreach ([['decode' => false], ['actions' => false, 'secret' => null]] as $changes) {
            $this->settings = self::settings($changes);
            self::assertStringNotContainsString('Decode it', $this->page(['view' => 'entry'] + $key));
            self::assertSame(403, $this->send('entry', ['do' => 'value'] + $key)->status);
        }
        self::assertSame(1, Noted::$runs);
    }

    /** A value that throws, and one whose class is gone. */
    public function testDamagedValues(): void
    {
        $key = ['k' => Html::encodeKey('k')];
        cache_store('k', new Noted());
        Noted::$throws = true;
        try {
            $response = $this->send('entry', ['do' => 'value'] + $key);
        } finally {
            Noted::$throws = false;
        }
        self::assertSame(200, $response->status);
        self::assertStringContainsString('Decoding failed: RuntimeException: no &lt;zz&gt; <span class="x">\xFF</span>', $response->body);
        self::assertHarmless($response->body);
        $this->php('class Gone { public $a = 1; } cache_store("k", new Gone);');
        $before = ini_set('error_log', '/dev/null');
        $response = $this->send('entry', ['do' => 'value'] + $key);
        ini_set('error_log', (string) $before);
        self::assertStringContainsString('It cannot be decoded here', $response->body);
    }

    public function testPreviewsHaveBounds(): void
    {
        $deep = [];
        for ($i = 0; $i < 100; $i++) {
            $deep = ["level $i" => $deep];
        }
        $cycle = new \stdClass();
        $cycle->self = $cycle;
        foreach ([
            str_repeat("\0", 1_000_000), range(1, 100_000), array_fill(0, 100, range(1, 100)), $deep, $cycle,
            [str_repeat("\xff", 100_000) => str_repeat('<', 100_000)],
        ] as $value) {
            $html = Preview::html($value);
            self::assertLessThan(70_000, strlen($html));
            self::assertMatchesRegularExpression('~class="more"~', $html);
        }
        $list = Preview::html(range(1001, 1100));
        self::assertStringContainsString('1050', $list);
        self::assertStringNotContainsString('1051', $list);
        self::assertStringContainsString('50 more', $list);
        self::assertSame('<pre>1.0</pre>', Preview::html(1.0));
        self::assertStringContainsString('DateTimeImmutable', Preview::html(new \DateTimeImmutable('2026-01-01')));
        self::assertStringContainsString('SharedCache\Dashboard\Level::Bad', Preview::html(\SharedCache\Dashboard\Level::Bad));
    }

    /** A value that is too large is not fetched: where values are copied that would take as much memory. */
    public function testLargeValues(): void
    {
        if (!cache_store('large', str_repeat('x', 9_000_000))) {
            self::markTestSkipped('no room for it');
        }
        $hits = cache_info()['hits'];
        self::assertStringContainsString('Larger than 8.0 MB', $this->page(['view' => 'entry', 'k' => Html::encodeKey('large')]));
        self::assertSame($hits, cache_info()['hits']);
        cache_delete('large');
    }

    public function testTagsAreCounted(): void
    {
        for ($i = 0; $i < 10; $i++) {
            cache_store("k$i", str_repeat('x', 1000), 0, 0, $i % 2 ? ['odd', 'all'] : ['all', '5']);
        }
        $text = self::text($this->page(['view' => 'tags', 'count' => '1']));
        self::assertMatchesRegularExpression('~Of 10 entries\. .*all 10 [\d.]+ KB.*odd 5 ~', $text);
        self::assertMatchesRegularExpression('~ 5 5 [\d.]+ KB~', $text);
    }

    public function testLocks(): void
    {
        $process = $this->fork(static function (callable $say, callable $wait): void {
            cache_lock_for_read('read');
            cache_lock_for_write('write', lease: 60);
            $say('held');
            $wait();
        });
        $this->hear($process);
        cache_lock_for_read('read');
        $text = self::text($this->page(['view' => 'locks']));
        self::assertMatchesRegularExpression('~read for reading, by 2 processes no until released no \d+~', $text);
        self::assertMatchesRegularExpression('~write for writing no [3-6]\d s no \d+~', $text);
        $this->kill($process);
        cache_lock_release('read');
        $text = self::text($this->page(['view' => 'locks']));
        self::assertMatchesRegularExpression('~write .*yes \d+~', $text);
        self::assertStringContainsString('died with the last writer', $this->page());
        cache_lock_for_write('write', 5);
        cache_lock_release('write');
    }

    /** Nothing of the extension is left out, and the words are those of the documentation. */
    public function testTextsAreComplete(): void
    {
        $texts = array_merge(...array_values(Counters::GROUPS));
        self::assertArrayNotHasKey('Others', Counters::of(cache_info()));
        preg_match_all('~^\| `([a-z_.]+)` \| (.+) \|$~m', strstr(file_get_contents(__DIR__ . '/../../../docs/operations.md'), '| counter |'), $rows);
        $documented = array_combine($rows[1], $rows[2]);
        ksort($texts);
        ksort($documented);
        self::assertSame($documented, $texts);
        $directives = array_keys(ini_get_all('cache'));
        $described = array_keys(Directives::TEXTS);
        sort($directives);
        sort($described);
        self::assertSame($directives, $described);
        $text = self::text($this->page(['view' => 'config']));
        foreach (Directives::TEXTS as $name => $line) {
            self::assertStringContainsString("$name ", $text);
            self::assertStringContainsString($line, $text);
        }
        self::assertStringContainsString('cache.segment ' . getenv('CACHE_TEST_SEGMENT'), $text);
        self::assertStringNotContainsString(self::SECRET, $text);
    }
}
