<?php

declare(strict_types=1);

use SharedCache\Bridge\Symfony\CacheWorkerCommand;
use SharedCache\Rebuild\Registry;
use Symfony\Component\Console\Application;
use Symfony\Component\Console\Tester\ApplicationTester;
use Tests\TestCase;

/** The commands in the console of a Symfony application. */
final class SymfonyTest extends TestCase
{
    private function tester(?object $logger = null): ApplicationTester
    {
        $application = new Application();
        $application->setAutoExit(false);
        $application->addCommands(CacheWorkerCommand::all(
            (new Registry())->add('pages', 'a', fn () => 'built'),
            $logger,
        ));

        return new ApplicationTester($application);
    }

    protected function setUp(): void
    {
        if (!class_exists(Application::class)) {
            self::markTestSkipped('symfony/console is not installed');
        }
        if (!class_exists(Normalizer::class)) {
            self::markTestSkipped('symfony/console needs the extension intl here');
        }
        parent::setUp();
    }

    public function testListsTheCommands(): void
    {
        $tester = $this->tester();
        $tester->run(['list']);
        foreach (['run', 'stats', 'failed', 'retry', 'purge', 'push', 'keys', 'get', 'clear', 'verify'] as $name) {
            self::assertStringContainsString("cache-worker:$name ", $tester->getDisplay());
        }
    }

    public function testHelp(): void
    {
        $tester = $this->tester();
        self::assertSame(0, $tester->run(['command' => 'help', 'command_name' => 'cache-worker:run']));
        self::assertStringContainsString('--stop-when-empty', $tester->getDisplay());
        self::assertStringContainsString('SIGUSR2 pauses', $tester->getDisplay());
        self::assertStringNotContainsString('--bootstrap', $tester->getDisplay());
    }

    public function testCommandsDoWhatTheyDoOnTheirOwn(): void
    {
        $tester = $this->tester();
        self::assertSame(0, $tester->run(['command' => 'cache-worker:push', 'queue' => 'pages', 'key' => 'a', '--priority' => '2']));
        self::assertStringContainsString('Queued.', $tester->getDisplay());
        self::assertSame(0, $tester->run(['command' => 'cache-worker:stats', '--json' => true]));
        self::assertSame(1, json_decode($tester->getDisplay(), true)['queues']['pages']['waiting']);
        cache_store('key', 'value', 60);
        self::assertSame(0, $tester->run(['command' => 'cache-worker:keys', 'prefix' => 'k', '--json' => true]));
        self::assertSame('key', json_decode($tester->getDisplay(), true)['key']);
        self::assertSame(0, $tester->run(['command' => 'cache-worker:verify']));
        self::assertSame(0, $tester->run(['command' => 'cache-worker:clear', '--yes' => true], ['interactive' => false]));
        self::assertFalse(cache_exists('key'));
        self::assertSame(0, $tester->run(['command' => 'cache-worker:purge', 'queue' => 'pages'], ['interactive' => false]));
        self::assertSame(0, cache_queue_info('pages')['waiting']);
    }

    public function testFailuresAreSentencesAndStatuses(): void
    {
        $tester = $this->tester();
        self::assertSame(1, $tester->run(['command' => 'cache-worker:get', 'key' => 'none']));
        self::assertSame('There is no entry "none"; cache-worker keys lists those that are there.', trim($tester->getDisplay()));
        self::assertSame(2, $tester->run(['command' => 'cache-worker:run', '--timeout' => 'soon']));
        self::assertStringContainsString('--timeout=soon is not valid', $tester->getDisplay());
        self::assertSame(2, $tester->run(['command' => 'cache-worker:run', '--queue' => 'none', '--processes' => '0']));
        self::assertStringContainsString('The registry has no loader for the queue "none"; it has: pages.', $tester->getDisplay());
    }

    public function testRunsAWorker(): void
    {
        cache_queue_push('pages', 'a');
        $tester = $this->tester();
        self::assertSame(0, $tester->run(['command' => 'cache-worker:run', '--once' => true, '--json' => true, '-v' => true]));
        $lines = array_map(fn (string $line): array => json_decode($line, true), explode("\n", trim($tester->getDisplay())));
        self::assertSame(['ready', 'built', 'stopped'], array_column($lines, 'event'));
        self::assertSame('built', cache_fetch('a'));
    }

    public function testLogsToAPsrLogger(): void
    {
        if (!interface_exists(Psr\Log\LoggerInterface::class)) {
            self::markTestSkipped('psr/log is not installed');
        }
        $logger = new class () extends Psr\Log\AbstractLogger {
            public array $lines = [];

            public function log($level, $message, array $context = []): void
            {
                $this->lines[] = [$level, $context['event'], $context['key'] ?? null];
            }
        };
        cache_queue_push('pages', 'a');
        $tester = $this->tester($logger);
        self::assertSame(0, $tester->run(['command' => 'cache-worker:run', '--once' => true]));
        self::assertSame([['notice', 'ready', null], ['info', 'built', 'a'], ['notice', 'stopped', null]], $logger->lines);
        self::assertSame('', $tester->getDisplay());
    }

    /** In a process of its own, with a master and a closure for the registry. */
    public function testRunsUnderAMaster(): void
    {
        file_put_contents("$this->folder/console.php", '<?php
            require "/usr/share/php/Symfony/Component/Console/autoload.php";
            require ' . var_export(dirname(__DIR__, 2) . '/php_src/autoload.php', true) . ';
            $application = new Symfony\Component\Console\Application();
            $application->addCommands(SharedCache\Bridge\Symfony\CacheWorkerCommand::all(
                fn () => (new SharedCache\Rebuild\Registry())->add("pages", "pid", fn () => getmypid()),
            ));
            $application->run();');
        $settings = $this->php();
        array_push($settings, '-d', 'extension=mbstring.so', '-d', 'extension=ctype.so');
        $run = $this->start([...$settings, 'console.php', 'cache-worker:run', '--json', '-v']);
        $this->awaitEvent($run, 'ready');
        cache_queue_push('pages', 'pid');
        $this->awaitEvent($run, 'built');
        self::assertSame($run->log('ready')[0]['pid'], cache_fetch('pid'));
        self::assertNotSame($run->pid, cache_fetch('pid'));
        $run->signal(SIGTERM);
        self::assertSame(0, $run->wait());
    }
}
