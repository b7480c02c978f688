<?php

declare(strict_types=1);

use Tests\TestCase;

/** What the commands print. */
final class CommandTest extends TestCase
{
    /** Two dead letters and a waiting job. */
    private function fillQueue(): void
    {
        foreach (['first', "second\n"] as $key) {
            cache_queue_push('pages', $key, ['n' => 1]);
            for ($attempt = 1; $attempt <= 5; $attempt++) {
                $job = $this->pop('pages', 1.0);
                cache_queue_fail($job['id'], $job['token'], "no \e[31msource", 0.0);
            }
        }
        cache_queue_push('pages', 'waits');
    }

    /** @return list<array> */
    private static function jsonLines(string $out): array
    {
        return array_map(static fn (string $line): array => json_decode($line, true, 512, JSON_THROW_ON_ERROR), explode("\n", rtrim($out, "\n")));
    }

    public function testStats(): void
    {
        $this->fillQueue();
        [$status, $out, $err] = $this->command('stats', 'pages');
        self::assertSame([0, ''], [$status, $err]);
        [$segment, $headings, $row] = explode("\n", $out);
        self::assertStringStartsWith(cache_info(true)['segment']['path'] . ': ', $segment);
        self::assertMatchesRegularExpression('~: [\d,]+ (entry|entries), [\d.]+ [KM]?B of 64\.0 MB$~', $segment);
        self::assertMatchesRegularExpression('~^queue +waiting +delayed +running +dead +oldest +workers +pushed +merged +again +done +failed +lost +full$~', $headings);
        self::assertMatchesRegularExpression('~^pages +1 +0 +0 +2 +~', $row);
        self::assertSame(strlen($headings), strlen($row), 'numbers stand under their heading');
        self::assertStringContainsString('Dead letters of "pages": cache-worker failed shows why', $out);
    }

    public function testStatsForMachines(): void
    {
        $this->fillQueue();
        [$status, $out] = $this->command('stats', '--json');
        self::assertSame(0, $status);
        [$line] = self::jsonLines($out);
        self::assertSame([1, 0, 2], [$line['queues']['pages']['waiting'], $line['queues']['pages']['running'], $line['queues']['pages']['dead']]);
        self::assertSame(cache_info(true)['segment']['path'], $line['segment']['path']);
        self::assertEqualsWithDelta(microtime(true), $line['time'], 10);
    }

    public function testStatsAgainAndAgain(): void
    {
        cache_queue_push('pages', 'waits');
        $stats = $this->worker(['stats', '--watch=0.1', '--json']);
        $this->await(fn (): bool => substr_count($stats->out(), "\n") >= 2, 'it has printed twice');
        self::assertCount(2, array_slice(self::jsonLines($stats->out()), 0, 2));
        $stats->kill();
        $stats = $this->worker(['stats', '--watch=0.1']);
        $this->await(fn (): bool => substr_count($stats->out(), 'done/s') >= 1, 'it shows a rate');
        self::assertStringNotContainsString("\e[", $stats->out(), 'nothing for a terminal');
    }

    public function testFailed(): void
    {
        $this->fillQueue();
        [$status, $out] = $this->command('failed', 'pages');
        self::assertSame(0, $status);
        $lines = explode("\n", $out);
        self::assertSame('pages: 2 dead letters', $lines[0]);
        self::assertMatchesRegularExpression('~^died +attempts +key +error$~', $lines[1]);
        self::assertMatchesRegularExpression('~^\S+( \S+)? ago +5  second\\\\n  no \\\\033\[31msource$~', $lines[2], 'newest first, nothing that a terminal obeys');
        [, $out] = $this->command('failed', 'pages', '--limit=1');
        self::assertStringStartsWith("pages: 2 dead letters, the newest 1\n", $out);
        [, $out] = $this->command('failed', '--json');
        [$newest, $oldest] = self::jsonLines($out);
        self::assertSame(['pages', "second\n", 5, "no \e[31msource", ['n' => 1]], [$newest['queue'], $newest['key'], $newest['attempt'], $newest['error'], $newest['payload']]);
        self::assertSame('first', $oldest['key']);
    }

    public function testNothingFailed(): void
    {
        cache_queue_push('pages', 'waits');
        self::assertSame([0, "No job has failed for good.\n", ''], $this->command('failed'));
        self::assertSame([0, '', ''], $this->command('failed', '--json'));
    }

    public function testRetry(): void
    {
        $this->fillQueue();
        self::assertSame([0, "1 job is queued again.\n", ''], $this->command('retry', 'pages', 'first'));
        self::assertSame([1, '', "There is no dead letter for the key \"first\"; cache-worker failed lists them.\n"], $this->command('retry', 'pages', 'first'));
        self::assertSame([0, "{\"revived\":1}\n", ''], $this->command('retry', '--json'));
        self::assertSame([0, "There is no dead letter.\n", ''], $this->command('retry', 'pages'));
        self::assertSame([3, 0], [cache_queue_info('pages')['waiting'], cache_queue_info('pages')['dead']]);
    }

    public function testPurge(): void
    {
        $this->fillQueue();
        self::assertSame([0, "1 job was thrown away.\n", ''], $this->command('purge', 'pages'));
        self::assertSame([0, 2], [cache_queue_info('pages')['waiting'], cache_queue_info('pages')['dead']]);
        self::assertSame([0, "{\"purged\":2}\n", ''], $this->command('purge', 'pages', '--dead', '--yes', '--json'));
        self::assertSame(0, cache_queue_info('pages')['dead']);
    }

    public function testPush(): void
    {
        $note = "No worker serves \"other\": start cache-worker run.\n";
        self::assertSame([0, "Queued.\n", $note], $this->command('push', 'other', 'a', '--payload={"x":[1,2]}', '--priority=3'));
        self::assertSame([0, "A job for this key waits already.\n", $note], $this->command('push', 'other', 'a'));
        self::assertSame([0, "{\"result\":\"queued\"}\n", ''], $this->command('push', 'other', 'b', '--delay=1h', '--json'));
        self::assertSame([1, 1], [cache_queue_info('other')['waiting'], cache_queue_info('other')['delayed']]);
        $job = $this->pop('other');
        self::assertSame(['a', ['x' => [1, 2]]], [$job['key'], $job['payload']]);
        [$status, $out] = $this->command('push', 'other', 'a');
        self::assertSame([0, "The job for this key is running, and will run once more.\n"], [$status, $out]);
    }

    public function testPushIntoAFullQueue(): void
    {
        $settings = ['cache.segment' => getenv('CACHE_TEST_SEGMENT') . '-full', 'cache.queue_size' => '16'];
        $fill = $this->start([...$this->php($settings), '-r', 'for ($i = 0; cache_queue_push("pages", "k$i") > 0; $i++); echo $i;']);
        self::assertSame(0, $fill->wait());
        $push = $this->worker(['push', 'pages', 'more'], $settings);
        self::assertSame(1, $push->wait());
        self::assertSame("The queue is full: raise cache.queue_size, or start more workers.\n", $push->err());
        $push = $this->worker(['push', 'pages', 'more', '--json'], $settings);
        self::assertSame(1, $push->wait());
        self::assertSame("{\"result\":\"full\"}\n", $push->out());
    }

    public function testKeys(): void
    {
        cache_store('page:1', 'x', 60, 600, ['t']);
        cache_store("page:\x00\xff", [1, 2]);
        cache_store('page:3', 5, 30);
        cache_store('user:1', 1.5, 60, 600);
        cache_mark_stale('user:1');
        [$status, $out, $err] = $this->command('keys', 'page:');
        self::assertSame(0, $status);
        $lines = explode("\n", rtrim($out, "\n"));
        self::assertSame('state  type          size  until                      key', array_shift($lines));
        sort($lines);
        self::assertMatchesRegularExpression('~^fresh  array +\d+ B  for ever                   page:\\\\000\\\\377$~', $lines[0]);
        self::assertMatchesRegularExpression('~^fresh  int     +\d+ B  gone in (29|30) s +page:3$~', $lines[1]);
        self::assertMatchesRegularExpression('~^fresh  string  +\d+ B  stale in (59|60) s +page:1$~', $lines[2]);
        self::assertMatchesRegularExpression('~^3 entries, \d+ B\n$~', $err);
        [, $out] = $this->command('keys', '--stale');
        self::assertMatchesRegularExpression('~^stale  float   +\d+ B  gone in 10 min +user:1$~m', $out);
        [, $out] = $this->command('keys', '--limit=2', '--json');
        self::assertCount(2, self::jsonLines($out));
        [, $out] = $this->command('keys', 'page:', '--json');
        $entries = array_column(self::jsonLines($out), null, 'key');
        self::assertSame(base64_encode("page:\x00\xff"), $entries['page:\000\377']['key_base64']);
        self::assertEquals(['fresh', 'string', 60, 600, ['t']], [$entries['page:1']['state'], $entries['page:1']['type'], $entries['page:1']['ttl'], $entries['page:1']['stale_ttl'], $entries['page:1']['tags']]);
        self::assertSame([0, '', "No entry begins so.\n"], $this->command('keys', 'nothing'));
    }

    public function testGet(): void
    {
        cache_store('page:1', ['a' => 1.0], 60, INF, ['one', 'two']);
        [$status, $out] = $this->command('get', 'page:1');
        self::assertSame(0, $status);
        self::assertMatchesRegularExpression('~^key +page:1\nstate +fresh, stale in (59|60) s\nvalidated +\d{4}-\d\d-\d\d .* ago\nttl +60 s, then stale for ever\ntags +one, two\nsize +\d+ B \(array\)\n\narray\(1\) \{\n  \["a"\]=>\n  float\(1\)\n\}\n$~', $out);
        cache_mark_stale('page:1');
        $lease = cache_lease('page:1', 60.0);
        [, $out] = $this->command('get', 'page:1');
        self::assertMatchesRegularExpression('~\nstate +stale, kept for ever\ninvalidated +~', $out);
        self::assertMatchesRegularExpression('~\nrebuilt by +process slot \d+, until \d{4}-~', $out);
        cache_lease_release('page:1', $lease);
        [, $out] = $this->command('get', 'page:1', '--json');
        [$entry] = self::jsonLines($out);
        self::assertSame(['page:1', 'stale', null, ['a' => 1]], [$entry['key'], $entry['state'], $entry['stale_ttl'], $entry['value']]);
        cache_store('bytes', "\xff");
        [, $out] = $this->command('get', 'bytes', '--json');
        self::assertNull(self::jsonLines($out)[0]['value']);
        self::assertSame([1, '', "There is no entry \"none\"; cache-worker keys lists those that are there.\n"], $this->command('get', 'none'));
    }

    public function testGetAnObjectOfTheApplication(): void
    {
        file_put_contents("$this->folder/classes.php", '<?php final class Shown { public int $x = 5; }');
        $store = $this->start([...$this->php(), '-r', 'require "classes.php"; cache_store("object", new Shown());']);
        self::assertSame(0, $store->wait());
        [$status, $out, $err] = $this->command('get', 'object');
        self::assertSame([1, ''], [$status, $out]);
        self::assertStringEndsWith("\nThe value of \"object\" is an object whose class is not known here: give --bootstrap=FILE.\n", "\n$err");
        [$status, $out] = $this->command('get', 'object', '--bootstrap=classes.php');
        self::assertSame(0, $status);
        self::assertStringContainsString("object(Shown)", $out);
        [$status, $out] = $this->command('verify');
        self::assertSame(0, $status);
        self::assertStringContainsString('1 is an object of classes that are not known here: give --bootstrap=FILE.', $out);
        [, $out] = $this->command('verify', '--bootstrap=classes.php', '--json');
        self::assertSame([1, 0, []], [self::jsonLines($out)[0]['verified'], self::jsonLines($out)[0]['unknown_classes'], self::jsonLines($out)[0]['problems']]);
    }

    public function testClear(): void
    {
        cache_store('a', 1);
        self::assertSame([0, "The cache is empty.\n", ''], $this->command('clear'));
        self::assertFalse(cache_exists('a'));
        cache_store('a', 1);
        self::assertSame([0, "{\"cleared\":true}\n", ''], $this->command('clear', '--yes', '--json'));
    }

    public function testVerify(): void
    {
        foreach ([null, true, 1, 1.5, 'string', str_repeat('x', 100_000), [1, ['two']], new stdClass()] as $i => $value) {
            cache_store("value:$i", $value, 60, 60);
        }
        cache_mark_stale('value:2');
        cache_store('other', 1);
        [$status, $out, $err] = $this->command('verify', 'value:');
        self::assertSame([0, ''], [$status, $err]);
        self::assertMatchesRegularExpression('~^8 entries, [\d.]+ KB, read in [\d.]+( ms|)\.\nNo problem was found\.\n$~', $out);
        [, $out] = $this->command('verify', '--json');
        self::assertSame([9, []], [self::jsonLines($out)[0]['verified'], self::jsonLines($out)[0]['problems']]);
    }

    public function testAReaderThatGoesAwayIsNoError(): void
    {
        for ($i = 0; $i < 3000; $i++) {
            cache_store("key:$i", 1);
        }
        $command = implode(' ', array_map('escapeshellarg', [...$this->php(), dirname(__DIR__, 2) . '/php_src/bin/cache-worker', 'keys']));
        $shell = $this->start(['bash', '-c', "set -o pipefail; $command | head -n 1"]);
        self::assertSame(0, $shell->wait());
        self::assertSame('', $shell->err());
    }

    /** @dataProvider commands */
    public function testEachCommandExplainsItself(string $name): void
    {
        [$status, $out, $err] = $this->command($name, '--help');
        self::assertSame([0, ''], [$status, $err]);
        self::assertMatchesRegularExpression("~^[A-Z].*\\.\n\nUsage\n  cache-worker $name.*\\[--OPTION\\.\\.\\.\\]\n~", $out);
        self::assertStringContainsString('--json', $out);
        self::assertSame($out, $this->command('help', $name)[1]);
        self::assertSame($out, $this->command('-h', $name, '--no-such-option')[1]);
    }

    public static function commands(): array
    {
        $names = ['run', 'stats', 'failed', 'retry', 'purge', 'push', 'keys', 'get', 'clear', 'verify'];

        return array_combine($names, array_map(static fn (string $name): array => [$name], $names));
    }

    public function testTheOverviewNamesAllCommands(): void
    {
        [$status, $out] = $this->command();
        self::assertSame(0, $status);
        foreach (array_keys(self::commands()) as $name) {
            self::assertMatchesRegularExpression("~^  $name +[A-Z]~m", $out);
        }
        self::assertSame($out, $this->command('--help')[1]);
        self::assertSame($out, $this->command('help')[1]);
    }

    /** A pseudo-terminal by script(1), where there is one. */
    public function testColoursOnATerminalOnly(): void
    {
        if (!is_executable('/usr/bin/script')) {
            self::markTestSkipped('script(1) is not installed');
        }
        if (@fopen('/dev/ptmx', 'r+') === false) {
            self::markTestSkipped('there are no pseudo-terminals here (/dev/pts is not mounted)');
        }
        $this->fillQueue();
        $command = implode(' ', array_map('escapeshellarg', [...$this->php(), dirname(__DIR__, 2) . '/php_src/bin/cache-worker', 'stats']));
        $terminal = fn (array $environment): string => (function () use ($command, $environment): string {
            $script = $this->start(['script', '-qec', $command, '/dev/null'], $environment);
            self::assertSame(0, $script->wait());

            return $script->out();
        })();
        self::assertStringContainsString("\e[1mqueue", $terminal(['TERM' => 'xterm', 'NO_COLOR' => '']));
        self::assertStringNotContainsString("\e[", $terminal(['TERM' => 'xterm', 'NO_COLOR' => '1']));
        self::assertStringNotContainsString("\e[", $terminal(['TERM' => 'dumb', 'NO_COLOR' => '']));
    }
}
