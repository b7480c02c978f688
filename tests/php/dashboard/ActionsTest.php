<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Response;

/** What the forms do, and what the page that follows says. */
final class ActionsTest extends DashboardTestCase
{
    /** @param array<string, string> $query expected of the URL that follows */
    private function assertLeadsTo(array $query, Response $response): string
    {
        self::assertSame(303, $response->status, strip_tags($response->body));
        self::assertStringStartsWith('?', $response->headers['Location']);
        parse_str(substr($response->headers['Location'], 1), $actual);
        self::assertEquals($query, $actual);

        return self::text($this->page($actual));
    }

    public function testDeleteAndMarkOne(): void
    {
        cache_store("k\0\xff", 1, 60, 60);
        $fields = ['k' => Html::encodeKey("k\0\xff")];
        $text = $this->assertLeadsTo(['view' => 'entries', 'done' => 'marked', 'count' => '1'], $this->send('entry', ['do' => 'stale'] + $fields));
        self::assertStringContainsString('1 entry was marked as stale.', $text);
        self::assertSame(CACHE_STATE_STALE, cache_key_info("k\0\xff")['state']);
        $text = $this->assertLeadsTo(['view' => 'entries', 'done' => 'deleted', 'count' => '1'], $this->send('entry', ['do' => 'delete'] + $fields));
        self::assertStringContainsString('1 entry was deleted.', $text);
        self::assertNull(cache_key_info("k\0\xff"));
        $text = $this->assertLeadsTo(['view' => 'entries', 'done' => 'deleted', 'count' => '0'], $this->send('entry', ['do' => 'delete'] + $fields));
        self::assertStringContainsString('No entry was there any more.', $text);
    }

    /** Those that were chosen, and the way back to the search that they were found by. */
    public function testDeleteChosenOnes(): void
    {
        foreach (['a', 'b', '5', 'd'] as $key) {
            cache_store($key, 1);
        }
        $keys = array_map(Html::encodeKey(...), ['a', '5', 'gone', 'a']);
        $response = $this->send('entries', [
            'do' => 'delete', 'keys' => $keys,
            'back' => 'view=entries&q=%22%3E%3Czz&match=contains&evil=1&done=cleared&count=77&page[]=2',
        ]);
        $text = $this->assertLeadsTo(['view' => 'entries', 'done' => 'deleted', 'count' => '2', 'q' => '"><zz', 'match' => 'contains'], $response);
        self::assertStringContainsString('2 entries were deleted.', $text);
        self::assertSame(['b' => true, 'd' => true], cache_exists(['a', 'b', '5', 'd']));
    }

    public function testKeysThatAreNone(): void
    {
        cache_store('k', 1);
        foreach ([[], ['k' => ''], ['k' => '%%%'], ['keys' => []], ['keys' => [Html::encodeKey('k'), '%%%']], ['keys' => [['x']]]] as $fields) {
            foreach (['delete', 'stale'] as $do) {
                self::assertSame(400, $this->send('entries', ['do' => $do] + $fields)->status);
            }
        }
        self::assertSame(400, $this->send('entries', ['do' => 'explode'])->status);
        self::assertSame(400, $this->send('entry', ['do' => 'delete', 'k' => Html::encodeKey(str_repeat('x', 65_536))])->status);
        self::assertTrue(cache_exists('k'));
    }

    public function testTags(): void
    {
        cache_store('soft', 1, 600, 600, ['a "tag"']);
        cache_store('hard', 1, 600, 600, ["b\xff"]);
        cache_store('other', 1, 600, 600, ['c']);
        $to = ['view' => 'tags', 'done' => 'invalidated', 'count' => '1'];
        $text = $this->assertLeadsTo($to, $this->send('tags', ['do' => 'tag', 'tag' => 'a "tag"', 'hard' => '0']));
        self::assertStringContainsString('The tag was invalidated.', $text);
        $this->assertLeadsTo($to, $this->send('tags', ['do' => 'tag', 'tag64' => Html::encodeKey("b\xff"), 'hard' => '1']));
        self::assertSame(CACHE_STATE_STALE, cache_key_info('soft')['state']);
        self::assertNull(cache_key_info('hard'));
        self::assertSame(CACHE_STATE_FRESH, cache_key_info('other')['state']);
        foreach (['', str_repeat('x', 256)] as $tag) {
            self::assertSame(400, $this->send('tags', ['do' => 'tag', 'tag' => $tag])->status);
        }
        self::assertSame(400, $this->send('tags', ['do' => 'tag', 'tag64' => '%'])->status);
    }

    private static function letter(string $queue, string $key): void
    {
        cache_queue_push($queue, $key, ['of' => $key]);
        while ($job = cache_queue_pop($queue)) {
            cache_queue_fail($job['id'], $job['token'], "no luck with $key", 0);
        }
    }

    public function testQueues(): void
    {
        self::letter('5', 'a');
        self::letter('5', 'b');
        self::letter('5', 'c');
        cache_queue_push('5', 'waits');
        cache_queue_push('other', 'waits');
        $queue = ['queue' => Html::encodeKey('5')];
        $text = $this->assertLeadsTo(
            ['view' => 'queues', 'done' => 'revived', 'count' => '1'],
            $this->send('queues', ['do' => 'retry', 'job' => Html::encodeKey('a')] + $queue),
        );
        self::assertStringContainsString('1 job is queued again.', $text);
        self::assertSame([2, 2], [cache_queue_info('5')['dead'], cache_queue_info('5')['waiting']]);
        self::assertSame(400, $this->send('queues', ['do' => 'purge', 'dead' => '1'] + $queue)->status, 'not sure');
        $purged = static fn (string $count): array => ['view' => 'queues', 'done' => 'purged', 'count' => $count];
        $this->assertLeadsTo($purged('2'), $this->send('queues', ['do' => 'purge', 'dead' => '1', 'sure' => '1'] + $queue));
        self::assertSame([0, 2], [cache_queue_info('5')['dead'], cache_queue_info('5')['waiting']]);
        $this->assertLeadsTo($purged('2'), $this->send('queues', ['do' => 'purge', 'dead' => '0', 'sure' => '1'] + $queue));
        self::assertSame([0, 1], [cache_queue_info('5')['waiting'], cache_queue_info('other')['waiting']]);
        self::letter('5', 'a');
        self::letter('5', 'b');
        $this->assertLeadsTo(['view' => 'queues', 'done' => 'revived', 'count' => '2'], $this->send('queues', ['do' => 'retry'] + $queue));
        foreach ([['queue' => ''], ['queue' => Html::encodeKey('none of that name')]] as $fields) {
            self::assertSame(400, $this->send('queues', ['do' => 'retry'] + $fields)->status);
            self::assertSame(400, $this->send('queues', ['do' => 'purge', 'sure' => '1'] + $fields)->status);
        }
        self::assertSame(400, $this->send('queues', ['do' => 'retry', 'job' => '%'] + $queue)->status);
    }

    /** Dead letters, too, are decoded only if a visitor wants it. */
    public function testDeadLetters(): void
    {
        cache_queue_push('q', 'k', new Noted());
        cache_queue_push('r', 'k', new Noted());
        while ($job = cache_queue_pop(['q', 'r'])) {
            cache_queue_fail($job['id'], $job['token'], 'why it failed', 0);
        }
        Noted::$runs = 0;
        $queue = ['queue' => Html::encodeKey('q')];
        self::assertStringNotContainsString('why it failed', $this->page(['view' => 'queues']));
        self::assertSame(403, $this->post('queues', ['do' => 'letters'] + $queue)->status);
        self::assertStringNotContainsString('why it failed', $this->post('queues', $queue)->body, 'a form without an action');
        self::assertSame(0, Noted::$runs);
        $text = self::text($this->send('queues', ['do' => 'letters'] + $queue)->body);
        self::assertSame(1, substr_count($text, 'why it failed'));
        self::assertStringContainsString('what it holds', $text);
        self::assertSame(1, Noted::$runs);
        $this->settings = self::settings(['decode' => false]);
        self::assertSame(403, $this->send('queues', ['do' => 'letters'] + $queue)->status);
        self::assertStringNotContainsString('run that code', $this->page(['view' => 'queues']));
        self::assertSame(1, Noted::$runs);
    }

    public function testClearNeedsTheName(): void
    {
        cache_store('k', 1);
        foreach (['', 'clear', strtoupper(getenv('CACHE_TEST_SEGMENT')), getenv('CACHE_TEST_SEGMENT') . ' '] as $name) {
            self::assertSame(400, $this->send('overview', ['do' => 'clear', 'confirm' => $name])->status);
        }
        self::assertTrue(cache_exists('k'));
        $text = $this->assertLeadsTo(
            ['view' => 'overview', 'done' => 'cleared', 'count' => '1'],
            $this->send('overview', ['do' => 'clear', 'confirm' => getenv('CACHE_TEST_SEGMENT')]),
        );
        self::assertStringContainsString('The cache was cleared.', $text);
        self::assertFalse(cache_exists('k'));
    }

    /** The notice is made of a word and a number; what else a URL says is not shown. */
    public function testNoticesCannotBeMadeUp(): void
    {
        foreach ([self::EVIL, 'nonsense'] as $done) {
            $html = $this->page(['done' => $done, 'count' => self::EVIL]);
            self::assertHarmless($html);
            self::assertStringNotContainsString('class="flash', $html);
        }
        self::assertHarmless($this->page(['done' => 'deleted', 'count' => self::EVIL]));
    }
}
