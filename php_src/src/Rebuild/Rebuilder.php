<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

use SharedCache\Log\Logger;
use SharedCache\Log\NullLogger;
use SharedCache\Worker\Alarm;

/**
 * Does one job: takes the key's lease, makes the value, stores it, acknowledges the job.
 *
 * Why nothing gets lost. The lease comes before the source is read, and what changes the entry meanwhile voids it, so a
 * late commit is refused. A stored value's stamp is the time when its loader *began*: a job that was pushed later finds
 * an older stamp and is done, however fresh the entry is; one that was pushed earlier has nothing left to do. That is
 * also why a job for an entry that is fresh, but older than the job, is done: it was pushed for refresh-ahead, or by
 * somebody who knows of a change.
 *
 * The job is acknowledged last: whoever dies before that leaves a job that is done again.
 */
final class Rebuilder
{
    /** How often a rebuild begins anew when the entry changed under it, before it is left to the next one who asks. */
    private const ROUNDS = 3;
    /** Seconds to wait, in all, for another process that has the key's lease: mostly it is about to commit. */
    private const PATIENCE = 0.5;
    /** Bytes of an error's text that the queue keeps. */
    private const ERROR_LENGTH = 184;
    /**
     * Seconds from the end of the timeout to the end of the leases: who overran is dead before somebody takes the job
     * over.
     */
    public const MARGIN = 5.0;

    private readonly int $attempts;
    private readonly bool $info;
    private readonly bool $debug;
    private readonly \Closure $extend;

    /** The job that is being done in this process, as cache_queue_pop() returned it; null: none. */
    private ?array $job = null;
    private float $leaseTtl;
    private int $lease = 0;
    private int $extended = 0;

    /**
     * @param float $jobLease seconds that job and key are leased for, as given to cache_queue_pop()
     * @param Alarm|null $alarm kills the process that overruns the timeout
     */
    public function __construct(
        private readonly Registry $registry,
        private readonly float $jobLease = 60.0,
        private readonly Logger $logger = new NullLogger(),
        private readonly ?Alarm $alarm = null,
    ) {
        $this->attempts = \max(1, (int) \ini_get('cache.queue_max_attempts'));
        $this->info = $logger->wants('info');
        $this->debug = $logger->wants('debug');
        $this->extend = $this->extend(...);
    }

    /**
     * @param array{id: int, token: int, queue: string, key: string, payload: mixed, attempt: int, pushed_at: int} $job
     */
    public function run(array $job): Outcome
    {
        $this->job = $job;
        $this->lease = 0;
        $this->leaseTtl = $this->jobLease;
        $this->alarm?->begin(null);
        $began = \hrtime(true);
        try {
            [$route, $parameters] = $this->registry->match($job['queue'], $job['key']);
            if ($route->timeout !== null) {
                $this->useTimeout($route->timeout);
            }
            $outcome = $this->rebuild($job, $route, $parameters);
        } catch (\Throwable $error) {
            $this->releaseLease();

            return $this->fail($error);
        } finally {
            $this->job = null;
        }

        return $this->finish($job, $outcome, $began);
    }

    /**
     * The process is about to end in the middle of a job, by exit() or a fatal error: hands the job back with the
     * reason, which the queue could not know. For a shutdown function.
     */
    public function abandon(string $reason): void
    {
        if ($this->job) {
            $job = $this->job;
            $this->job = null;
            cache_queue_fail($job['id'], $job['token'], self::shorten($reason));
            $this->logFailure($job, $reason);
        }
    }

    /** @param array<string, string> $parameters */
    private function rebuild(array $job, Route $route, array $parameters): Outcome
    {
        $key = $job['key'];
        for ($round = 1; $round <= self::ROUNDS; $round++) {
            $this->lease = cache_lease($key, $this->leaseTtl) ?: $this->waitForLease($job);
            if ($this->isDone($job)) {
                $this->releaseLease();

                return Outcome::Fresh;
            }
            if ($this->lease === 0) {
                return Outcome::Busy;
            }
            $stamp = (int) (\microtime(true) * 1e6);
            $context = new Context($job['queue'], $key, $parameters, $job['payload'], $job['attempt'], $this->extend);
            $this->extended = \hrtime(true);
            try {
                $value = $this->load($route, $context);
            } catch (AbandonedException) {
                if ($this->jobIsLost()) {
                    $this->releaseLease();

                    return Outcome::Lost;
                }
                continue;
            }
            if ($value === CACHE_KEEP) {
                $this->releaseLease();

                return Outcome::Kept;
            }
            // A commit does not tell a void lease from a lack of room. Only a second one that is refused is worth to
            // look closer.
            $failed = $round > 1 ? self::failedStores() : null;
            if ($this->commit($route, $parameters, $value, $stamp)) {
                return Outcome::Built;
            }
            if ($failed !== null && self::failedStores() !== $failed) {
                throw new \RuntimeException(
                    'The cache had no room for the value, or was busy; see failed in cache_info()',
                );
            }
        }

        return $this->isDone($job) ? Outcome::Fresh : Outcome::Outdated;
    }

    private function load(Route $route, Context $context): mixed
    {
        $reads = Guard::reads();
        $value = Guard::watch($route->load, $context, $this->registry->strict);
        if (Guard::reads() !== $reads) {
            $this->logger->log(
                'warning',
                '{queue} {key}: its loader read "{read}" from the cache, let it read the source instead',
                ['event' => 'impure', 'queue' => $context->queue, 'key' => $context->key, 'read' => Guard::lastRead()],
            );
        }

        return $value;
    }

    /** @param array<string, string> $parameters */
    private function commit(Route $route, array $parameters, mixed $value, int $stamp): bool
    {
        $key = $this->job['key'];
        $stored = $value instanceof Value
            ? cache_commit(
                $key,
                $this->lease,
                $value->data,
                $value->ttl ?? $route->ttl,
                $value->staleTtl ?? $route->staleTtl,
                $value->tags ?? $route->tags($parameters),
                $value->stamp ?? $stamp,
            )
            : cache_commit(
                $key,
                $this->lease,
                $value,
                $route->ttl,
                $route->staleTtl,
                $route->tags($parameters),
                $stamp,
            );
        $this->lease = 0; // stored or not; not where it throws

        return $stored;
    }

    /** Stores that failed for want of room or of a lock, by any process. */
    private static function failedStores(): int
    {
        return \array_sum(cache_info(true)['failed']);
    }

    /** Is there a fresh value that was begun after the job was pushed? */
    private function isDone(array $job): bool
    {
        return cache_stamp($job['key']) >= $job['pushed_at'] && cache_exists($job['key']);
    }

    /** The key's lease, or 0: somebody else has it, and is not done in time. */
    private function waitForLease(array $job): int
    {
        $until = \hrtime(true) + (int) (self::PATIENCE * 1e9);
        for ($pause = 1000; \hrtime(true) < $until; $pause = \min(2 * $pause, 50_000)) {
            \usleep($pause);
            $lease = cache_lease($job['key'], $this->leaseTtl);
            if ($lease !== 0 || $this->isDone($job)) {
                return $lease;
            }
        }

        return 0;
    }

    private function useTimeout(float $timeout): void
    {
        $this->alarm?->begin($timeout);
        $this->leaseTtl = $timeout > 0 ? \max($this->jobLease, $timeout + self::MARGIN) : \max($this->jobLease, 3600.0);
        if ($this->leaseTtl > $this->jobLease) {
            cache_queue_extend($this->job['id'], $this->job['token'], $this->leaseTtl);
        }
    }

    /**
     * Context::progress(). What is renewed is renewed once a second, or when a quarter of it has passed, so that a
     * loader may call it for each of a million rows.
     *
     * @throws AbandonedException
     */
    private function extend(float $seconds): void
    {
        $now = \hrtime(true);
        $period = \min(1.0, $this->leaseTtl / 4, ($this->alarm?->seconds() ?: INF) / 4);
        if ($seconds <= 0.0 && $now - $this->extended < 1e9 * $period) {
            return;
        }
        $this->extended = $now;
        $lease = \max($this->leaseTtl, $seconds + self::MARGIN);
        if (!cache_queue_extend($this->job['id'], $this->job['token'], $lease)) {
            throw new AbandonedException('The job was taken over');
        }
        if (!cache_lease_extend($this->job['key'], $this->lease, $lease)) {
            throw new AbandonedException('The entry changed meanwhile');
        }
        $this->alarm?->extend($seconds);
    }

    private function jobIsLost(): bool
    {
        return !cache_queue_extend($this->job['id'], $this->job['token'], $this->leaseTtl);
    }

    private function releaseLease(): void
    {
        if ($this->lease !== 0) {
            cache_lease_release($this->job['key'], $this->lease);
            $this->lease = 0;
        }
    }

    private function finish(array $job, Outcome $outcome, int $began): Outcome
    {
        if ($outcome === Outcome::Busy) {
            return $this->postpone($job);
        }
        if (!cache_queue_ack($job['id'], $job['token'])) {
            $message = '{outcome} after {ms} ms, too late: another worker has taken the job over';
            $this->logJob('warning', 'lost', $job, $message, [
                'outcome' => $outcome === Outcome::Lost ? 'given up' : $outcome->value,
                'ms' => self::milliseconds($began),
            ]);

            return Outcome::Lost;
        }
        if ($outcome === Outcome::Built ? $this->info : $this->debug || $outcome === Outcome::Outdated) {
            $this->logOutcome($job, $outcome, $began);
        }

        return $outcome;
    }

    private function logOutcome(array $job, Outcome $outcome, int $began): void
    {
        [$level, $message] = match ($outcome) {
            Outcome::Built => ['info', 'built in {ms} ms'],
            Outcome::Kept => ['debug', 'kept as it is'],
            Outcome::Outdated => ['warning', 'changed during each rebuild, left to the next one who reads it'],
            default => ['debug', 'is fresh already'],
        };
        $this->logJob($level, $outcome->value, $job, $message, ['ms' => self::milliseconds($began)]);
    }

    /** Looks again when the other's lease ends, if that is known, as it is where there is an entry. */
    private function postpone(array $job): Outcome
    {
        $deadline = cache_key_info($job['key'])['lease']['deadline'] ?? null;
        $in = $deadline === null ? null : \min(300.0, \max(0.1, $deadline / 1e6 - \microtime(true)));
        $reason = 'Another process is rebuilding the key';
        cache_queue_fail($job['id'], $job['token'], $reason, $in);
        if ($job['attempt'] >= $this->attempts) {
            $this->logFailure($job, $reason);
        } elseif ($this->debug) {
            $this->logJob('debug', 'busy', $job, 'another process is rebuilding it, looked at again later');
        }

        return Outcome::Busy;
    }

    private function fail(\Throwable $error): Outcome
    {
        $job = $this->job;
        $text = self::describe($error);
        if (!cache_queue_fail($job['id'], $job['token'], self::shorten($text))) {
            $this->logJob('warning', 'lost', $job, 'failed, too late: another worker has taken the job over: {error}', [
                'error' => $text,
                'exception' => $error,
            ]);

            return Outcome::Lost;
        }
        $this->logFailure($job, $text, $error);

        return Outcome::Failed;
    }

    private function logFailure(array $job, string $text, ?\Throwable $error = null): void
    {
        $dead = $job['attempt'] >= $this->attempts;
        $this->logJob(
            $dead ? 'error' : 'warning',
            $dead ? 'dead' : 'failed',
            $job,
            ($dead ? 'failed for the last time' : 'failed') . ', attempt {attempt} of {attempts}: {error}',
            ['attempts' => $this->attempts, 'error' => $text, 'exception' => $error],
        );
    }

    private function logJob(string $level, string $event, array $job, string $message, array $more = []): void
    {
        $context = ['event' => $event, 'queue' => $job['queue'], 'key' => $job['key'], 'attempt' => $job['attempt']];
        $this->logger->log($level, "{queue} {key}: $message", $context + $more);
    }

    /** `RuntimeException: message (Loader.php:12)`; of our own exceptions the message, which says all. */
    private static function describe(\Throwable $error): string
    {
        $place = \basename($error->getFile()) . ':' . $error->getLine();

        return $error instanceof UnknownKeyException
            ? $error->getMessage()
            : \sprintf('%s: %s (%s)', $error::class, $error->getMessage(), $place);
    }

    /** Not in the middle of a UTF-8 character. */
    private static function shorten(string $text): string
    {
        if (\strlen($text) <= self::ERROR_LENGTH) {
            return $text;
        }
        $length = self::ERROR_LENGTH - 3;
        while ($length > 0 && (\ord($text[$length]) & 0xC0) === 0x80) {
            $length--;
        }

        return \substr($text, 0, $length) . '...';
    }

    private static function milliseconds(int $began): float
    {
        return \round((\hrtime(true) - $began) / 1e6, 3);
    }
}
