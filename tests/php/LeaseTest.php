<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Lease;
use SharedCache\Pool;
use SharedCache\State;

final class LeaseTest extends TestCase
{
    private Pool $pool;

    protected function setUp(): void
    {
        parent::setUp();
        $this->pool = new Pool('forum', ttl: 60, staleTtl: 60);
    }

    public function testExactlyOneCallerGetsIt(): void
    {
        $this->pool->set('k', 'old');
        self::assertNull($this->pool->fetch('k')->lease);
        $this->pool->markStale('k');
        $mine = $this->pool->fetch('k');
        self::assertSame(['old', State::Stale, false], [$mine->value, $mine->state, $mine->pending]);
        self::assertTrue($mine->isFound() && !$mine->isFresh());
        self::assertInstanceOf(Lease::class, $mine->lease);
        self::assertSame('k', $mine->lease->key);
        $other = $this->hear($this->fork(function (): array {
            $lookup = $this->pool->fetch('k');

            return [$lookup->value, $lookup->lease, $lookup->pending, $this->pool->lease('k')];
        }));
        self::assertSame(['old', null, true, null], $other);
        self::assertTrue($mine->lease->commit('new', tags: ['t']));
        self::assertSame('new', $this->pool->get('k'));
        self::assertSame(['t'], $this->pool->info('k')['tags']);
        self::assertFalse($mine->lease->commit('again'));
        self::assertFalse($mine->lease->extend(5));
        self::assertFalse($mine->lease->release());
    }

    public function testAMissingValueHasALeaseToo(): void
    {
        $lookup = $this->pool->fetch('k');
        self::assertSame([null, State::Missing], [$lookup->value, $lookup->state]);
        self::assertTrue($lookup->lease->commit(null));
        $lookup = $this->pool->fetch('k');
        self::assertSame([null, State::Fresh], [$lookup->value, $lookup->state]);
    }

    public function testManyKeysAtOnce(): void
    {
        $this->pool->setMulti(['a' => 1, '7' => 2]);
        $this->pool->markStale('7');
        $lookups = $this->pool->fetchMulti(['a', '7', 'x']);
        self::assertSame(['a', 7, 'x'], array_keys($lookups));
        self::assertSame([State::Fresh, State::Stale, State::Missing], array_column($lookups, 'state'));
        self::assertSame([1, 2, null], array_column($lookups, 'value'));
        self::assertNull($lookups['a']->lease);
        self::assertTrue($lookups[7]->lease->commit(3));
        self::assertTrue($lookups['x']->lease->commit(4));
        self::assertSame(['a' => 1, 7 => 3, 'x' => 4], $this->pool->getMulti(['a', '7', 'x']));
    }

    public function testAgingAsksForARebuildToo(): void
    {
        $this->pool->set('k', 1);
        $lookup = $this->pool->fetch('k', refreshAhead: 61);
        self::assertSame(State::Aging, $lookup->state);
        self::assertTrue($lookup->isFresh());
        self::assertNotNull($lookup->lease);
        self::assertSame(State::Aging, $this->pool->peek('k', refreshAhead: 61)->state);
    }

    public function testTheEndOfTheObjectGivesItBack(): void
    {
        $lease = $this->pool->lease('k');
        self::assertNull($this->pool->lease('k'));
        self::assertTrue($lease->extend(5));
        unset($lease);
        $next = $this->pool->lease('k');
        self::assertNotNull($next);
        self::assertTrue($next->release());
        self::assertFalse($next->commit('late'));
        self::assertFalse($this->pool->has('k'));
    }

    public function testWhatIsNewerWins(): void
    {
        $change = [
            fn () => $this->pool->set('k', 'newer'),
            fn () => $this->pool->delete('k'),
            fn () => $this->pool->markStale('k'),
            fn () => $this->pool->clear(),
            fn () => $this->pool->invalidateTags('t'),
            fn () => $this->pool->invalidateTags('t', hard: true),
        ];
        foreach ($change as $number => $between) {
            $this->pool->set('k', 'old', tags: ['t']);
            $lease = $this->pool->lease('k');
            $between();
            self::assertFalse($lease->commit('late', tags: ['t']), "change $number");
            self::assertNotSame('late', $this->pool->peek('k')->value);
        }
    }

    public function testTheValueIsAsOldAsItsRead(): void
    {
        $lease = $this->pool->lease('k');
        usleep(5000);
        self::assertTrue($lease->commit(1));
        self::assertSame($lease->began, $this->pool->stamp('k'));
    }

    public function testAValueThatCannotBeCachedEndsTheLease(): void
    {
        $lease = $this->pool->lease('k');
        try {
            $lease->commit(static fn (): int => 1);
            self::fail('stored a closure');
        } catch (\Cache\UnstorableException) {
        }
        self::assertFalse($lease->commit(1));
        self::assertTrue($this->pool->lease('k')->commit(1));
    }

    public function testWaitsForAMissingValueThatSomebodyElseMakes(): void
    {
        $child = $this->fork(function (callable $say): void {
            $lease = $this->pool->lease('k');
            $say(true);
            usleep(50_000);
            $lease->commit('theirs');
        });
        $this->hear($child);
        $lookup = $this->pool->fetch('k', wait: 0.01);
        self::assertSame([State::Missing, null, true], [$lookup->state, $lookup->lease, $lookup->pending]);
        $lookup = $this->pool->fetch('k', wait: 5);
        self::assertSame(['theirs', null], [$lookup->value, $lookup->lease]);
    }

    public function testWhoWaitsTakesOverWhatIsGivenUp(): void
    {
        $child = $this->fork(function (callable $say): void {
            $lease = $this->pool->lease('k');
            $say(true);
            usleep(50_000);
            $lease->release();
        });
        $this->hear($child);
        self::assertTrue($this->pool->fetch('k', wait: 5)->lease->commit('mine'));
        self::assertSame('mine', $this->pool->get('k'));
    }

    public function testADeadOwnersLeaseIsFree(): void
    {
        $child = $this->fork(function (callable $say, callable $wait): void {
            $lease = $this->pool->lease('k', 600);
            $say($lease !== null);
            $wait();
        });
        self::assertTrue($this->hear($child));
        self::assertNull($this->pool->lease('k'));
        $this->kill($child);
        for ($until = microtime(true) + 5; !($lease = $this->pool->lease('k')) && microtime(true) < $until; usleep(1000));
        self::assertNotNull($lease);
    }

    public function testAForkedChildDoesNotHoldIt(): void
    {
        $lease = $this->pool->lease('k');
        $said = $this->hear($this->fork(function () use ($lease): array {
            $results = [$lease->extend(5), $lease->commit('child'), $lease->release()];
            unset($lease);

            return $results;
        }));
        self::assertSame([false, false, false], $said);
        // A destructor runs in this one.
        $child = pcntl_fork();
        if ($child === 0) {
            $lease->__destruct();
            self::killSelf();
        }
        pcntl_waitpid($child, $status);
        self::assertTrue($lease->commit('parent'));
        self::assertSame('parent', $this->pool->get('k'));
    }

    public function testCannotBeCopied(): void
    {
        $lease = $this->pool->lease('k');
        try {
            serialize($lease);
            self::fail('serialized');
        } catch (\LogicException) {
        }
        $this->expectException(\Error::class);
        clone $lease;
    }
}
