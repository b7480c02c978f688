<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Pool;

final class LockTest extends TestCase
{
    private Pool $pool;

    protected function setUp(): void
    {
        parent::setUp();
        $this->pool = new Pool('forum');
    }

    /** Of another process: 'none', or what it got. */
    private function tryElsewhere(string $name, bool $forWriting): string
    {
        return $this->hear($this->fork(function () use ($name, $forWriting): string {
            $lock = $forWriting ? $this->pool->lockForWrite($name) : $this->pool->lockForRead($name);

            return $lock === null ? 'none' : ($lock->recovered ? 'recovered' : 'got it');
        }));
    }

    public function testReadersShareAndWritersExclude(): void
    {
        $lock = $this->pool->lockForRead('l');
        self::assertSame('got it', $this->tryElsewhere('l', false));
        self::assertSame('none', $this->tryElsewhere('l', true));
        self::assertTrue($lock->release());
        self::assertFalse($lock->release());
        $lock = $this->pool->lockForWrite('l');
        self::assertTrue($lock->forWriting);
        self::assertFalse($lock->recovered);
        self::assertSame('none', $this->tryElsewhere('l', false));
        self::assertSame('got it', $this->tryElsewhere('m', true));
        unset($lock);
        self::assertSame('got it', $this->tryElsewhere('l', true));
    }

    public function testNamesAreThePoolsOwn(): void
    {
        $lock = $this->pool->lockForWrite('l');
        self::assertNotNull((new Pool('wiki'))->lockForWrite('l'));
        self::assertSame('forum:l', $lock->name);
    }

    public function testWaits(): void
    {
        $child = $this->fork(function (callable $say): void {
            $lock = $this->pool->lockForWrite('l');
            $say(true);
            usleep(100_000);
            $lock->release();
            sleep(10);
        });
        $this->hear($child);
        self::assertNull($this->pool->lockForWrite('l', wait: 0.01));
        self::assertNotNull($this->pool->lockForWrite('l', wait: 5));
    }

    public function testIsReentrant(): void
    {
        $outer = $this->pool->lockForWrite('l');
        $inner = $this->pool->lockForWrite('l');
        $reader = $this->pool->lockForRead('l');
        self::assertSame([$outer->token, $outer->token], [$inner->token, $reader->token]);
        self::assertTrue($outer->release());
        unset($reader);
        self::assertSame('none', $this->tryElsewhere('l', false));
        self::assertTrue($inner->release());
        self::assertSame('got it', $this->tryElsewhere('l', true));
    }

    public function testWritingWithinReadingIsAnError(): void
    {
        $lock = $this->pool->lockForRead('l');
        try {
            $this->pool->lockForWrite('l');
            self::fail('upgraded');
        } catch (\Cache\LockUpgradeException) {
        }
        self::assertTrue($lock->release());
    }

    public function testTokensGrow(): void
    {
        $first = $this->pool->lockForWrite('l');
        $first->release();
        $second = $this->pool->lockForWrite('l');
        self::assertGreaterThan($first->token, $second->token);
    }

    public function testTheNextWriterIsToldOfADeadOne(): void
    {
        $child = $this->fork(function (callable $say, callable $wait): void {
            $lock = $this->pool->lockForWrite('l');
            $say($lock !== null);
            $wait();
        });
        self::assertTrue($this->hear($child));
        $this->kill($child);
        $lock = $this->pool->lockForWrite('l', wait: 5);
        self::assertTrue($lock->recovered);
        $lock->release();
        self::assertFalse($this->pool->lockForWrite('l')->recovered);
    }

    public function testAForkedChildDoesNotHoldIt(): void
    {
        $lock = $this->pool->lockForWrite('l');
        $child = pcntl_fork();
        if ($child === 0) {
            $lock->__destruct();
            self::killSelf();
        }
        pcntl_waitpid($child, $status);
        $said = $this->hear($this->fork(fn (): array => [$lock->release(), $lock->renew(5), $this->pool->lockForWrite('l')]));
        self::assertSame([false, false, null], $said);
        self::assertTrue($lock->release());
    }

    public function testALockThatWasLostIsNotReleasedTwice(): void
    {
        $lost = $this->pool->lockForWrite('l', lease: 0.05);
        $child = $this->fork(function (): int {
            $lock = $this->pool->lockForWrite('l', wait: 5);

            return $lock->token;
        });
        self::assertGreaterThan($lost->token, $this->hear($child));
        self::assertFalse($lost->renew(5));
        $anew = $this->pool->lockForWrite('l', wait: 5);
        self::assertGreaterThan($lost->token, $anew->token);
        self::assertFalse($lost->release());
        unset($lost);
        self::assertSame('none', $this->tryElsewhere('l', true));
        self::assertTrue($anew->release());
    }

    public function testCanBeRenewed(): void
    {
        $lock = $this->pool->lockForWrite('l', lease: 0.1);
        self::assertTrue($lock->renew(60));
        usleep(150_000);
        self::assertSame('none', $this->tryElsewhere('l', true));
        self::assertTrue($lock->release());
        self::assertSame('got it', $this->tryElsewhere('l', true));
        self::assertFalse($lock->renew(5));
    }

    public function testCannotBeCopied(): void
    {
        $lock = $this->pool->lockForWrite('l');
        try {
            serialize($lock);
            self::fail('serialized');
        } catch (\LogicException) {
        }
        $this->expectException(\Error::class);
        clone $lock;
    }
}
