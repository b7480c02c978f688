<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\shared\CacheIdentity;
use wcf\system\cache\shared\RebuildQueue;
use wcf\system\cache\shared\SharedPool;

/** RebuildQueue, and the command cache-worker with the bridge's bootstrap file. */
final class QueueTest extends TestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->configure(self::QUEUE);
    }

    public function testThereIsOneJobForACache(): void
    {
        for ($i = 0; $i < 3; $i++) {
            self::assertTrue(RebuildQueue::enqueue(TolerantNumber::class, ['board' => 7]));
            self::assertTrue(RebuildQueue::enqueue(TolerantNumber::class, ['board' => 8]));
        }
        self::assertSame(2, self::waiting());
    }

    public function testManyProcessesEnqueueEachJobOnce(): void
    {
        $pushed = cache_queue_info(self::QUEUE)['pushed'] ?? 0;
        $failed = $this->inParallel(8, static function (): int {
            $failed = 0;
            for ($i = 0; $i < 1000; $i++) {
                $failed += RebuildQueue::enqueue(TolerantNumber::class, ['board' => $i % 10]) ? 0 : 1;
            }

            return $failed;
        });
        self::assertSame(0, array_sum($failed));
        self::assertSame(10, self::waiting());
        self::assertSame($pushed + 10, cache_queue_info(self::QUEUE)['pushed']);
    }

    public function testWithoutAQueueNothingIsEnqueued(): void
    {
        $this->configure();
        self::assertFalse(RebuildQueue::enqueue(TolerantNumber::class));
        $this->expectException(\LogicException::class);
        $this->expectExceptionMessage('SHARED_CACHE_QUEUE');
        RebuildQueue::registry();
    }

    public function testAnIdentityComesBackFromItsKey(): void
    {
        $parameters = ['board' => 7, 'flags' => ['a:b%' => 1.0, 'c' => ["d\n", null, true, '5', 'ü']]];
        $identity = new CacheIdentity(EagerNumber::class, $parameters);
        self::assertEquals($identity, CacheIdentity::fromKey($identity->key));
        self::assertSame($parameters, CacheIdentity::of($identity->instantiate())->parameters);
        self::assertSame($identity->key, CacheIdentity::of(new EagerNumber(7, $parameters['flags']))->key);
    }

    public function testParametersThatMeanNothingElsewhereAreRefused(): void
    {
        foreach ([new \stdClass(), "\xff", NAN] as $value) {
            try {
                new CacheIdentity(EagerNumber::class, ['flags' => [$value]]);
                self::fail('refused');
            } catch (\InvalidArgumentException $exception) {
                self::assertStringContainsString(EagerNumber::class, $exception->getMessage());
            }
        }
    }

    public function testAKeyOfAnotherClassIsRefused(): void
    {
        foreach (['class:ArrayObject:[]', 'class:Gone:[]', 'source:wcf_A', 'class:x'] as $key) {
            try {
                CacheIdentity::fromKey($key);
                self::fail($key);
            } catch (\DomainException $exception) {
                self::assertNotSame('', $exception->getMessage());
            }
        }
    }

    /** WCF as far as it goes here: a folder with global.php, and the bootstrap file beside it. */
    private function installWcf(): string
    {
        $bootstrap = var_export(__DIR__ . '/bootstrap.php', true);
        $folder = var_export($this->folder, true);
        file_put_contents("$this->folder/global.php", <<<PHP
            <?php
            define('SHARED_CACHE_PREFIX', '$this->prefix');
            define('SHARED_CACHE_QUEUE', 'wcf-test');
            require $bootstrap;
            Tests\\Wcf\\Source::open($folder, false);
            PHP);
        copy(dirname(__DIR__, 2) . '/php_src/bridges/wcf/worker.php', "$this->folder/shared-cache-worker.php");

        return "$this->folder/shared-cache-worker.php";
    }

    /** @return array{int, string} exit status and output */
    private function cacheWorker(string ...$words): array
    {
        $command = [getenv('CACHE_TEST_PHP'), '-n', '-d', 'extension=posix.so', '-d', 'extension=' . getenv('CACHE_TEST_EXTENSION')];
        array_push($command, '-d', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT'), dirname(__DIR__, 2) . '/php_src/bin/cache-worker');
        $process = proc_open([...$command, ...$words], [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $output = stream_get_contents($pipes[1]);

        return [proc_close($process), $output];
    }

    public function testEndToEnd(): void
    {
        $bootstrap = $this->installWcf();
        self::putAged(new TolerantNumber(7), ['board' => 7, 'number' => -1], 3000);
        self::assertSame(-1, self::see(new TolerantNumber(7))['number']); // the page
        RebuildQueue::enqueue(EagerNumber::class, ['board' => 8]);
        [$status, $output] = $this->cacheWorker('run', "--bootstrap=$bootstrap", '--processes=0', '--stop-when-empty', '-v');
        self::assertSame(0, $status, $output);
        self::assertSame(2, substr_count($output, ': built in '), $output);
        self::assertSame(1, self::see(new TolerantNumber(7))['number']);
        self::assertSame(8, self::see(new EagerNumber(8))['board']);
        self::assertNotContains(getmypid(), Source::builders());
        self::assertCount(2, Source::builders());
        self::assertSame(0, self::waiting());
    }

    public function testEndToEndWithAWorkerThatIsKilledInTheBuilder(): void
    {
        $bootstrap = $this->installWcf();
        RebuildQueue::enqueue(TolerantNumber::class);
        $worker = $this->forkWorker();
        self::assertSame('before', $this->hear($worker));
        $this->kill($worker);
        [$status, $output] = $this->cacheWorker('run', "--bootstrap=$bootstrap", '--once', '-v');
        self::assertSame(0, $status, $output);
        self::assertSame(1, substr_count($output, ': built in '), $output);
        self::assertFresh(['board' => 1, 'number' => 1], new TolerantNumber());
        self::assertCount(2, Source::builders());
        self::assertSame($worker, Source::builders()[0]);
    }

    public function testAJobOfAClassThatIsGoneBecomesADeadLetterThatSaysSo(): void
    {
        $bootstrap = $this->installWcf();
        SharedPool::get()->push('class:wcf\gone\Cache:[]');
        for ($i = 0; $i < 5; $i++) {
            $job = cache_queue_pop(self::QUEUE, 0.0);
            cache_queue_fail($job['id'], $job['token'], null, 0.0);
            if ($i === 3) {
                break;
            }
        }
        $this->cacheWorker('run', "--bootstrap=$bootstrap", '--once');
        self::assertStringContainsString('wcf\gone\Cache is no eager or tolerant cache', cache_queue_dead(self::QUEUE)[0]['error']);
    }

    public function testTheBootstrapFileAnswersNoVisitor(): void
    {
        $bootstrap = $this->installWcf();
        file_put_contents("$this->folder/global.php", '<?php echo "WCF has begun";');
        $process = proc_open(
            ['php-cgi8.2', '-n', '-q'],
            [1 => ['pipe', 'w']],
            $pipes,
            null,
            ['SCRIPT_FILENAME' => $bootstrap, 'REDIRECT_STATUS' => '200', 'REQUEST_METHOD' => 'GET', 'GATEWAY_INTERFACE' => 'CGI/1.1'],
        );
        $output = stream_get_contents($pipes[1]);
        proc_close($process);
        self::assertStringStartsWith('Status: 404', $output);
        self::assertStringNotContainsString('WCF', $output);
    }
}
