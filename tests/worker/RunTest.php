<?php

declare(strict_types=1);

use Tests\Program;
use Tests\TestCase;

/** `cache-worker run`, in processes of its own. */
final class RunTest extends TestCase
{
    private function pidOf(Program $program, string $event = 'ready', int $number = 0): int
    {
        return $program->log($event)[$number]['pid'];
    }

    public function testServesAllQueuesOfTheRegistryUntilTheyAreEmpty(): void
    {
        cache_queue_push('pages', 'value:1');
        cache_queue_push('mails', 'value:2');
        $run = $this->runWorker('--stop-when-empty');
        self::assertSame(0, $run->wait());
        self::assertSame([['number' => 1], 2], [cache_fetch('value:1'), cache_fetch('value:2')]);
        self::assertSame(['pages value:1', 'mails value:2'], array_map(
            static fn (array $line): string => "$line[queue] $line[key]",
            $run->log('built'),
        ));
        self::assertSame(['empty', 2, 0], [
            $run->log('stopped')[0]['reason'],
            $run->log('stopped')[0]['jobs'],
            $run->log('stopped')[0]['failures'],
        ]);
        self::assertSame('', $run->err());
    }

    public function testServesTheQueuesThatAreNamedInTheirOrder(): void
    {
        cache_queue_push('pages', 'value:1');
        cache_queue_push('mails', 'value:2');
        $run = $this->runWorker('--queue=mails,pages', '--stop-when-empty');
        self::assertSame(0, $run->wait());
        self::assertSame(['mails', 'pages'], array_column($run->log('built'), 'queue'));
        cache_queue_push('mails', 'value:3');
        self::assertSame(0, $this->runWorker('--queue=pages', '--stop-when-empty')->wait());
        self::assertSame(1, cache_queue_info('mails')['waiting']);
    }

    public function testOnceDoesOneJobInThisProcess(): void
    {
        cache_queue_push('pages', 'value:1');
        cache_queue_push('pages', 'value:2');
        $run = $this->runWorker('--once');
        self::assertSame(0, $run->wait());
        self::assertSame($run->pid, $this->pidOf($run, 'built'));
        self::assertSame(1, cache_queue_info('pages')['waiting']);
        cache_queue_purge('pages');
        self::assertSame(0, $this->runWorker('--once')->wait(), 'nothing to do is no error');
    }

    /** @dataProvider processes */
    public function testTheLimitOfJobsEndsTheProcess(int $processes): void
    {
        for ($i = 0; $i < 5; $i++) {
            cache_queue_push('pages', "value:$i");
        }
        $run = $this->runWorker('--limit=3', "--processes=$processes");
        self::assertSame(0, $run->wait());
        self::assertSame(2, cache_queue_info('pages')['waiting']);
        self::assertSame('limit', $run->log('stopped')[0]['reason']);
        self::assertCount(1, $run->log('ready'), 'it is not replaced');
    }

    public static function processes(): array
    {
        return ['alone' => [0], 'under a master' => [1]];
    }

    /** @dataProvider processes */
    public function testTheTimeLimitEndsTheProcess(int $processes): void
    {
        $run = $this->runWorker('--time-limit=300ms', "--processes=$processes");
        $this->awaitEvent($run, 'ready');
        $began = microtime(true);
        self::assertSame(0, $run->wait());
        self::assertLessThan(2, microtime(true) - $began);
        self::assertSame('time-limit', $run->log('stopped')[0]['reason']);
    }

    /** @dataProvider processes */
    public function testTheLimitOfFailuresEndsTheProcessWithStatus1(int $processes): void
    {
        cache_queue_push('pages', 'unknown 1');
        cache_queue_push('pages', 'value:1');
        cache_queue_push('pages', 'unknown 2');
        cache_queue_push('pages', 'value:2');
        $run = $this->runWorker('--failure-limit=2', "--processes=$processes");
        self::assertSame(1, $run->wait());
        self::assertSame(1, cache_queue_info('pages')['waiting']);
        self::assertSame('failure-limit', $run->log('stopped')[0]['reason']);
    }

    public function testAProcessAtItsMemoryLimitIsReplaced(): void
    {
        $run = $this->runWorker('--memory-limit=1');
        for ($i = 1; $i <= 2; $i++) {
            cache_queue_push('pages', "value:$i");
            $this->awaitEvent($run, 'ready', $i + 1);
        }
        self::assertSame('memory-limit', $run->log('stopped')[0]['reason']);
        self::assertCount(3, array_unique(array_column($run->log('ready'), 'pid')));
        $run->signal(SIGTERM);
        self::assertSame(0, $run->wait());
        self::assertSame([], $run->log('died'));
    }

    public function testAProcessAloneEndsAtItsMemoryLimit(): void
    {
        cache_queue_push('pages', 'value:1');
        self::assertSame(0, $this->runWorker('--memory-limit=1', '--processes=0')->wait());
    }

    /** @dataProvider stopSignals */
    public function testAStopSignalLetsTheJobEnd(int $signal, int $processes): void
    {
        cache_queue_push('pages', 'gate:a', priority: 1);
        cache_queue_push('pages', 'value:1');
        $run = $this->runWorker("--processes=$processes");
        $worker = $this->awaitGate('a');
        $run->signal($signal);
        $processes && $this->awaitEvent($run, 'stopping');
        self::assertTrue(self::isAlive($worker));
        $this->openGate('a');
        self::assertSame(0, $run->wait());
        self::assertSame('a, attempt 1', cache_fetch('gate:a'));
        self::assertSame(1, cache_queue_info('pages')['waiting'], 'the next job is left alone');
        self::assertSame('signal', $run->log('stopped')[0]['reason']);
    }

    public static function stopSignals(): array
    {
        return [
            'SIGTERM, alone' => [SIGTERM, 0],
            'SIGINT, alone' => [SIGINT, 0],
            'SIGTERM, master' => [SIGTERM, 1],
            'SIGINT, master' => [SIGINT, 1],
            'SIGHUP, master' => [SIGHUP, 1],
        ];
    }

    public function testAnIdleWorkerStopsSoon(): void
    {
        $run = $this->runWorker('--processes=2');
        $this->awaitEvent($run, 'ready', 2);
        $began = microtime(true);
        $run->signal(SIGTERM);
        self::assertSame(0, $run->wait());
        self::assertLessThan(1.5, microtime(true) - $began);
    }

    public function testASecondStopSignalKillsAndTheJobIsReadyAgain(): void
    {
        cache_queue_push('pages', 'gate:a');
        $run = $this->runWorker();
        $worker = $this->awaitGate('a');
        $run->signal(SIGTERM);
        $this->awaitEvent($run, 'stopping');
        $run->signal(SIGTERM);
        self::assertSame(0, $run->wait());
        self::assertFalse(self::isAlive($worker));
        $job = $this->pop('pages', 1.0);
        self::assertSame(['gate:a', 2], [$job['key'], $job['attempt']]);
    }

    public function testSignalsOfTheTerminalAreTheMastersBusiness(): void
    {
        cache_queue_push('pages', 'gate:a');
        $run = $this->runWorker();
        $worker = $this->awaitGate('a');
        posix_kill($worker, SIGINT);
        posix_kill($worker, SIGHUP);
        $this->openGate('a');
        $this->awaitEvent($run, 'built');
        cache_queue_push('pages', 'value:1');
        $this->awaitEvent($run, 'built', 2);
        self::assertSame([], $run->log('stopped'));
    }

    /** @dataProvider processes */
    public function testPausesAndGoesOn(int $processes): void
    {
        $run = $this->runWorker("--processes=$processes");
        $this->awaitEvent($run, 'ready');
        $run->signal(SIGUSR2);
        $this->awaitEvent($run, 'paused');
        cache_queue_push('pages', 'value:1');
        // Longer than an idle worker's wait for a job.
        usleep(700_000);
        self::assertSame(1, cache_queue_info('pages')['waiting']);
        $run->signal(SIGCONT);
        $this->awaitEvent($run, 'built');
        $this->awaitEvent($run, 'resumed');
        $run->signal(SIGUSR2);
        $this->awaitEvent($run, 'paused', 2);
        $run->signal(SIGTERM);
        self::assertSame(0, $run->wait());
    }

    public function testAWorkerThatReplacesAnotherDuringAPauseIsPaused(): void
    {
        $run = $this->runWorker();
        $this->awaitEvent($run, 'ready');
        $run->signal(SIGUSR2);
        $this->awaitEvent($run, 'paused');
        posix_kill($this->pidOf($run), SIGKILL);
        $this->awaitEvent($run, 'paused', 2);
        self::assertCount(2, array_unique(array_column($run->log('paused'), 'pid')));
    }

    public function testTheJobOfAKilledWorkerIsDoneByAnother(): void
    {
        cache_queue_push('pages', 'gate:a');
        $run = $this->runWorker('--processes=2');
        $this->awaitEvent($run, 'ready', 2);
        $first = $this->awaitGate('a');
        posix_kill($first, SIGKILL);
        $second = $this->awaitGate('a', 2);
        self::assertNotSame($first, $second);
        $this->openGate('a');
        $this->awaitEvent($run, 'built');
        self::assertSame('a, attempt 2', cache_fetch('gate:a'));
        // And its place is taken.
        $this->awaitEvent($run, 'ready', 3);
        [$died] = $run->log('died');
        self::assertSame([$first, 9, 'pages gate:a (attempt 1)'], [$died['worker'], $died['signal'], $died['job']]);
        self::assertSame("worker $first was killed by SIGKILL; it was at pages gate:a (attempt 1), which is done again", $died['message']);
    }

    public function testAnIdleWorkerThatDiesWasAtNothing(): void
    {
        cache_queue_push('pages', 'value:1');
        $run = $this->runWorker();
        $this->awaitEvent($run, 'built');
        $worker = $this->pidOf($run);
        $this->await(fn (): bool => str_contains(file_get_contents("/proc/$worker/stat"), ') S '), 'the worker waits');
        posix_kill($this->pidOf($run), SIGKILL);
        $this->awaitEvent($run, 'died');
        self::assertNull($run->log('died')[0]['job']);
        $this->awaitEvent($run, 'ready', 2);
    }

    public function testAJobThatOverrunsTheTimeoutIsKilledAndDoneAgain(): void
    {
        cache_queue_push('pages', 'hang');
        $run = $this->runWorker('--timeout=1');
        $this->awaitEvent($run, 'built');
        self::assertSame(2, cache_fetch('hang'));
        [$timeout] = $run->log('timeout');
        self::assertSame('pages hang (attempt 1)', $timeout['job']);
        self::assertStringContainsString('overran the timeout and was killed', $timeout['message']);
        self::assertNotSame($this->pidOf($run, 'ready', 0), $this->pidOf($run, 'built'));
    }

    public function testALoaderMayHaveATimeoutOfItsOwn(): void
    {
        cache_queue_push('pages', 'hang with a limit');
        $run = $this->runWorker('--timeout=50');
        $this->awaitEvent($run, 'built');
        self::assertCount(1, $run->log('timeout'));
    }

    public function testAProcessAloneIsKilledByItsTimeout(): void
    {
        cache_queue_push('pages', 'hang');
        self::assertSame(-SIGALRM, $this->runWorker('--timeout=1', '--processes=0')->wait());
        self::assertSame(2, $this->pop('pages', 1.0)['attempt']);
    }

    public function testNoTimeoutIsLeftWhenTheJobIsDone(): void
    {
        cache_queue_push('pages', 'value:1');
        $run = $this->runWorker('--timeout=1', '--time-limit=1.4', '--processes=0');
        self::assertSame(0, $run->wait());
    }

    public function testProgressPutsTheTimeoutOff(): void
    {
        cache_queue_push('pages', 'long');
        $run = $this->runWorker('--timeout=1');
        $this->awaitEvent($run, 'built');
        self::assertSame(1, cache_fetch('long'));
        self::assertSame([], $run->log('timeout'));
    }

    public function testALoaderThatCallsExitFailsWithAReason(): void
    {
        cache_queue_push('pages', 'exit');
        $run = $this->runWorker();
        $this->awaitEvent($run, 'failed');
        self::assertSame('The loader ended the process by exit()', $run->log('failed')[0]['error']);
        $this->awaitEvent($run, 'died');
        self::assertStringContainsString('died with status 3', $run->log('died')[0]['message']);
        $this->awaitEvent($run, 'ready', 2);
    }

    public function testALoaderThatRunsOutOfMemoryFailsWithAReason(): void
    {
        cache_queue_push('pages', 'fatal');
        $run = $this->runWorker();
        $this->awaitEvent($run, 'failed');
        self::assertStringContainsString('Allowed memory size of 16777216 bytes exhausted', $run->log('failed')[0]['error']);
        $this->awaitEvent($run, 'ready', 2);
    }

    public function testACrashLoopSlowsDown(): void
    {
        $run = $this->runWorker();
        for ($i = 0; $i < 3; $i++) {
            $this->awaitEvent($run, 'ready', $i + 1);
            $died[] = microtime(true);
            posix_kill($this->pidOf($run, 'ready', $i), SIGKILL);
        }
        $this->awaitEvent($run, 'ready', 4);
        $pause = fn (int $i): float => (float) (new DateTimeImmutable($run->log('ready')[$i]['time']))->format('U.u') - $died[$i - 1];
        self::assertGreaterThan(0.2, $pause(1));
        self::assertGreaterThan(0.45, $pause(2));
        self::assertGreaterThan(0.9, $pause(3));
    }

    public function testWorkersEndWithTheirMaster(): void
    {
        cache_queue_push('pages', 'gate:a');
        $run = $this->runWorker('--processes=2');
        $this->awaitEvent($run, 'ready', 2);
        $this->awaitGate('a');
        $run->signal(SIGKILL);
        $run->wait();
        $this->openGate('a');
        foreach ($run->log('ready') as $ready) {
            $this->await(fn (): bool => !self::isAlive($ready['pid']), "worker $ready[pid] has ended");
        }
        self::assertSame('a, attempt 1', cache_fetch('gate:a'), 'after its job');
        self::assertSame(['orphaned'], array_unique(array_column($run->log('stopped'), 'reason')));
    }

    public function testAStoppedWorkersLateAcknowledgementIsRefused(): void
    {
        cache_queue_push('pages', 'gate:a');
        $options = ['--timeout=0', '--lease=200ms', '--processes=0'];
        $first = $this->runWorker(...$options, ...['--limit=1']);
        $this->awaitGate('a');
        $first->signal(SIGSTOP);
        $second = $this->runWorker(...$options);
        $this->awaitGate('a', 2);
        $this->openGate('a');
        $this->awaitEvent($second, 'built');
        $first->signal(SIGCONT);
        self::assertSame(0, $first->wait());
        self::assertSame([], $first->log('built'));
        [$lost] = $first->log('lost');
        self::assertSame('warning', $lost['level']);
        self::assertStringContainsString('too late: another worker has taken the job over', $lost['message']);
        self::assertSame('a, attempt 2', cache_fetch('gate:a'));
    }

    public function testFailedJobsBecomeDeadLettersThatCanBeRetried(): void
    {
        cache_queue_push('pages', 'fail');
        $run = $this->worker(
            ['run', '--bootstrap=' . __DIR__ . '/fixtures/app.php', '--json', '-vv', '--processes=0', '--limit=1'],
        );
        $run->wait();
        self::assertSame('pages fail: failed, attempt 1 of 5: RuntimeException: the source is gone (app.php:' . $this->lineOf('the source is gone') . ')', $run->log('failed')[0]['message']);
        for ($attempt = 2; $attempt < 5; $attempt++) {
            $job = $this->pop('pages', 2.0);
            cache_queue_fail($job['id'], $job['token'], null, 0.0);
        }
        $run = $this->runWorker('--once');
        self::assertSame(0, $run->wait());
        self::assertSame('error', $run->log('dead')[0]['level']);
        [$status, $out] = $this->command('failed', 'pages');
        self::assertSame(0, $status);
        self::assertStringContainsString('RuntimeException: the source is gone', $out);
        self::assertSame([0, "1 job is queued again.\n", ''], $this->command('retry', 'pages', 'fail'));
        $job = $this->pop('pages');
        self::assertSame(1, $job['attempt']);
    }

    private function lineOf(string $text): int
    {
        foreach (file(__DIR__ . '/fixtures/app.php') as $i => $line) {
            if (str_contains($line, $text)) {
                return $i + 1;
            }
        }
        self::fail("no line has $text");
    }

    public function testWhatLoadersPrintGoesToTheErrorOutput(): void
    {
        cache_queue_push('pages', 'noise');
        $run = $this->runWorker('--once');
        self::assertSame(0, $run->wait());
        self::assertSame("printed by a loader\n", $run->err());
        self::assertCount(1, $run->log('built'));
    }

    /** @dataProvider verbosities */
    public function testVerbosity(array $options, array $levels): void
    {
        cache_queue_push('pages', 'value:1');
        cache_queue_push('pages', 'unknown');
        cache_queue_push('pages', 'value:2');
        cache_store('value:2', 'fresh since the push');
        $run = $this->worker(['run', '--bootstrap=' . __DIR__ . '/fixtures/app.php', '--json', '--stop-when-empty', ...$options]);
        self::assertSame(0, $run->wait());
        self::assertSame($levels, array_values(array_unique(array_column($run->log(), 'level'))));
    }

    public static function verbosities(): array
    {
        return [
            'quiet' => [['-q'], ['warning']],
            'normal' => [[], ['notice', 'warning']],
            'verbose' => [['-v'], ['notice', 'info', 'warning']],
            'debug' => [['-vv'], ['notice', 'info', 'warning', 'debug']],
            'twice verbose' => [['-v', '-v'], ['notice', 'info', 'warning', 'debug']],
        ];
    }

    public function testTheLogForPeople(): void
    {
        cache_queue_push('pages', 'value:1');
        $run = $this->worker(['run', '--bootstrap=' . __DIR__ . '/fixtures/app.php', '--stop-when-empty', '-v']);
        self::assertSame(0, $run->wait());
        self::assertMatchesRegularExpression('~^\d\d:\d\d:\d\d \[\d+\] pages value:1: built in [\d.]+ ms$~m', $run->out());
        self::assertStringNotContainsString("\e[", $run->out());
    }

    public function testThousandsOfJobsThroughWorkersThatAreKilled(): void
    {
        for ($i = 0; $i < 2000; $i++) {
            cache_queue_push('pages', "slow:$i");
        }
        $run = $this->runWorker('--processes=3', '-q');
        for ($kills = 0; $kills < 6; $kills++) {
            $before = cache_queue_info('pages')['acked'];
            $this->await(fn (): bool => cache_queue_info('pages')['acked'] > $before || cache_queue_info('pages')['waiting'] === 0, 'jobs are done');
            $children = explode(' ', trim(file_get_contents("/proc/$run->pid/task/$run->pid/children")));
            posix_kill((int) $children[array_rand($children)], SIGKILL);
        }
        $this->await(
            fn (): bool => array_sum(array_intersect_key(cache_queue_info('pages'), ['waiting' => 0, 'delayed' => 0, 'running' => 0])) === 0,
            'all are done',
        );
        self::assertSame([], cache_queue_dead('pages'));
        for ($i = 0; $i < 2000; $i++) {
            self::assertSame([null, $i], cache_fetch("slow:$i"));
        }
    }
}
