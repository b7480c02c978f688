<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\Cache;
use SharedCache\Change;
use SharedCache\Pool;

/**
 * What happens when processes come in between, at points where they are stopped. Each object stands for a process of its own: they
 * share nothing but the cache and the database.
 */
final class RaceTest extends TestCase
{
    private function seen(string $id = 'a'): mixed
    {
        $item = $this->chain()->get($id);

        return $item ? $item->data : false;
    }

    /** Two sets overlap; the one that began first comes last. */
    public function testR1OfTwoStoresThatOverlapTheOneThatBeganLaterWins(): void
    {
        $created = null;
        $this->tags->within = function () use (&$created): void {
            $this->shared()->set('a', 'v2', Cache::PERMANENT, ['t']);
            $created = $this->shared()->get('a')->created;
        };
        $counted = self::counted(fn () => $this->shared()->set('a', 'v1', Cache::PERMANENT, ['t']));
        self::assertNotNull($created);
        self::assertSame('v2', $this->shared()->get('a')->data);
        self::assertSame($created, $this->shared()->get('a')->created);
        self::assertSame(1, $counted['stores_lost']);
    }

    /** A reader of old data is held up before it fills the fast backend, while others write, and fill it. */
    public function testR2ALateWriterOfOldDataLoses(): void
    {
        foreach ([true, false] as $othersFill) {
            foreach ([true, false] as $versions) {
                $this->chain()->set('a', 'v1');
                $sqlite = $this->sqlite();
                $sqlite->after['read'] = function () use ($othersFill): void {
                    $this->chain()->set('a', 'v2');
                    $othersFill && self::assertSame('v2', $this->seen());
                };
                self::assertSame('v1', $this->chain($sqlite, $versions)->get('a')->data, 'it read before the write');
                self::assertSame([], $sqlite->after);
                self::assertSame('v2', $this->seen());
                self::assertSame('v2', $this->seen());
            }
        }
    }

    /** The same for one that was told that nothing had changed. */
    public function testR2ALateTouchDoesNotHideAWrite(): void
    {
        foreach ([true, false] as $othersFill) {
            $this->chain()->set('a', 'v1');
            self::laterThanAmbiguous();
            $this->seen();
            $this->chain()->delete('b');
            $sqlite = $this->sqlite();
            $sqlite->after['versions'] = function () use ($othersFill): void {
                $this->chain()->set('a', 'v2');
                $othersFill && self::assertSame('v2', $this->seen());
            };
            $this->chain($sqlite)->get('a');
            self::assertSame([], $sqlite->after);
            self::assertSame('v2', $this->seen());
        }
    }

    /** In front of core's chain the bin knows of the time of the read only by get(). */
    public function testR2AsFastBackendOfAnotherChain(): void
    {
        $late = $this->shared(fills: true);
        $ids = ['a', 'b'];
        self::assertSame([], $late->getMultiple($ids));
        $other = $this->shared(fills: true);
        self::assertFalse($other->get('a'));
        $other->set('a', 'v2');
        $late->set('a', 'v1');
        $late->set('b', 'v1');
        self::assertSame(['v2', 'v1'], [$other->get('a')->data, $other->get('b')->data]);
        // What a process writes of its own accord is of now.
        self::assertSame('v2', $late->get('a')->data);
        $late->delete('a');
        $this->shared()->set('a', 'v2');
        $late->set('a', 'v3');
        self::assertSame('v3', $other->get('a')->data);
        self::assertSame('v3', $late->get('a')->data);
        $this->shared()->set('a', 'v4');
        $late->invalidate('a');
        $late->set('a', 'v5');
        self::assertSame('v5', $other->get('a')->data);
        $late->getMultiple($ids);
        $late->deleteAll();
        $late->set('b', 'v4');
        self::assertSame('v4', $other->get('b')->data);
    }

    public function testABAAnItemThatWasMadeAnewIsNotTouched(): void
    {
        $bin = $this->shared();
        $stamp = Pool::now();
        $bin->store('a', 'old', -1, [], $stamp);
        $bin->fetch(['a'], false, $stamp + 1, $outdated);
        $this->shared()->delete('a');
        self::assertFalse($bin->touch('a', $outdated['a'], Pool::now()), 'of what is gone');
        self::assertFalse($bin->get('a', true), 'and it does not come back');
        self::assertSame(Change::Stored, $this->shared()->store('a', 'new', -1, [], $stamp));
        self::assertFalse($bin->touch('a', $outdated['a'], Pool::now()), 'of the same stamp, and another token');
        // Not by round(), which takes .4995 for .5 of numbers of so many digits.
        self::assertSame([intdiv($stamp + 500, 1000) / 1e3, 'new'], [$bin->get('a')->created, $bin->get('a')->data]);
    }

    /** A chained bin finds an item unchanged; before it reads it, it was deleted and made anew. */
    public function testABAInAChainedBin(): void
    {
        $old = Pool::now();
        $this->chain()->set('a', 'v1');
        self::laterThanAmbiguous();
        $this->seen();
        $this->chain()->delete('b');
        $sqlite = $this->sqlite();
        $sqlite->after['versions'] = function () use ($old): void {
            $this->chain()->delete('a');
            // By a late writer.
            self::assertSame(Change::Stored, $this->shared()->store('a', 'v0', -1, [], $old));
            self::assertSame('v0', $this->shared()->get('a')->data);
        };
        self::assertFalse($this->chain($sqlite)->get('a'), 'neither v0 nor v1');
        self::assertFalse($this->seen());
    }

    /** Their rows differ in nothing but the data. */
    public function testTwoWritesOfOneMillisecond(): void
    {
        $sqlite = $this->sqlite();
        $sqlite->created = microtime(true) - 1;
        $this->chain($sqlite)->set('a', 'v1');
        foreach (['v2', 'v3'] as $data) {
            $this->seen();
            // Somebody fills the fast backend with what was there, after it was emptied and before the write.
            $sqlite->after['versions'] = fn () => $this->seen();
            $late = $this->sqlite();
            $late->after['read'] = fn () => $this->chain($sqlite)->set('a', $data);
            $this->chain()->delete('b');
            $this->shared()->delete('a');
            $this->chain($late)->get('a');
            self::assertSame($data, $this->seen());
            self::assertSame($data, $this->seen());
        }
    }

    public function testAStampDoesNotGoBack(): void
    {
        $bin = $this->shared();
        $bin->set('a', 1);
        $bin->fetch(['a'], false, PHP_INT_MAX, $outdated);
        $began = Pool::now();
        self::assertTrue($this->shared()->touch('a', $outdated['a'], $later = $began + 1));
        self::assertFalse($bin->touch('a', $outdated['a'], $began), 'somebody else has touched it');
        self::assertSame($later, $this->pool()->info('a')['stamp']);
        self::assertSame(Change::Lost, $bin->store('a', 2, -1, [], $began));
        $later = $bin->raiseMark(2000);
        self::assertSame([2000, 2000, 2001], [$bin->raiseMark(1000), $bin->mark(), $bin->raiseMark(2001)]);
    }

    public function testWhatTookThePlaceOfAnItemIsNone(): void
    {
        $this->shared()->set('a', 1);
        $this->shared()->supersede('a');
        self::assertFalse($this->shared()->get('a', true));
        $this->shared()->set('a', 1);
        self::assertSame(1, $this->shared()->get('a')->data);
    }

    /** Two processes set what was not there; a third one reads in between: after the second one's last look whether it is there. */
    public function testTwoInsertsAndAReaderInBetween(): void
    {
        $second = $this->sqlite();
        $second->after['read'] = function (): void {
            $this->chain()->set('a', 'v1');
            self::assertSame('v1', $this->seen());
        };
        $this->chain($second)->set('a', 'v2');
        self::assertSame([], $second->after);
        self::assertSame('v2', $this->seen());
    }

    /** The same with a reader that has read in between, and stores only afterwards. */
    public function testTwoInsertsAndALateReader(): void
    {
        $this->chain()->set('x', 'there is a mark');
        $this->seen('x');
        $second = $this->sqlite();
        $reader = $this->sqlite();
        // The second one looks whether there is an item; the first one sets it; the reader reads it, and is held up until the second one
        // has set it, too.
        $reader->after['read'] = fn () => \Fiber::suspend();
        $read = new \Fiber(fn () => $this->chain($reader)->get('a')->data);
        $second->after['read'] = function () use ($read): void {
            $this->chain()->set('a', 'v1');
            $read->start();
        };
        $this->chain($second)->set('a', 'v2');
        $read->resume();
        self::assertSame('v1', $read->getReturn());
        self::assertSame('v2', $this->seen());
    }

    /** Killed after the database has it, before the bin is marked. */
    public function testAWriterThatIsKilledBeforeTheMarkLeavesNothingOldBehind(): void
    {
        foreach (['set' => ['a', 'v2'], 'setMultiple' => [['a' => ['data' => 'v2']]], 'delete' => ['a'], 'invalidate' => ['a']] as $method => $arguments) {
            $this->chain()->set('a', 'v1');
            self::assertSame('v1', $this->seen());
            $child = $this->fork(function () use ($method, $arguments): void {
                $sqlite = $this->sqlite();
                $sqlite->after['write'] = self::killSelf(...);
                $this->chain($sqlite)->$method(...$arguments);
            });
            pcntl_waitpid($child, $status);
            self::assertSame(SIGKILL, pcntl_wtermsig($status));
            self::assertSame(str_starts_with($method, 'set') ? 'v2' : false, $this->seen(), $method);
        }
    }

    /** Killed between the versions and the touches, and between the data and the store. */
    public function testAReaderThatIsKilledHoldsNobodyUp(): void
    {
        foreach (['versions', 'read'] as $point) {
            $this->chain()->set('a', $point);
            self::laterThanAmbiguous();
            $point === 'versions' && $this->seen();
            $this->chain()->delete('b');
            $child = $this->fork(function () use ($point): void {
                $sqlite = $this->sqlite();
                $sqlite->after[$point] = self::killSelf(...);
                $this->chain($sqlite)->get('a');
            });
            pcntl_waitpid($child, $status);
            self::assertSame(SIGKILL, pcntl_wtermsig($status));
            self::assertSame($point, $this->seen());
        }
    }

    /** Eight processes set the same items and read them. */
    public function testEightProcessesOnOneBin(): void
    {
        $results = $this->inParallel(8, function (int $number): string {
            $bin = $this->shared();
            $last = [];
            for ($round = 0; $round < 2000; $round++) {
                $id = 'id ' . mt_rand(0, 3);
                if ($round % 4 === 0) {
                    $text = str_repeat("$number:$round ", mt_rand(1, 200));
                    $bin->set($id, ['text' => $text, 'sum' => crc32($text)]);
                } elseif ($round % 97 === 0) {
                    $bin->invalidate($id);
                }
                $item = $bin->get($id, true);
                if (crc32($item->data['text'] ?? '') !== ($item->data['sum'] ?? 0)) {
                    return 'a torn value';
                }
                if ($item && $item->created < ($last[$id] ?? 0)) {
                    return "created has gone back: $item->created after $last[$id]";
                }
                $last[$id] = $item->created ?? 0;
            }

            return 'right';
        });
        self::assertSame(array_fill(0, 8, 'right'), $results);
    }

    /**
     * Eight processes write and read chained bins. A request that begins after a write was done sees it, or a later one; when all is
     * done, fast and consistent backend say the same.
     */
    public function testEightProcessesOnAChainedBin(): void
    {
        $this->chain()->set('x', 1);
        foreach ([[true, false], [false, false], [true, true]] as [$versions, $oneMachine]) {
            $this->pool('done')->clear();
            $results = $this->inParallel(8, function (int $number) use ($versions, $oneMachine): string {
                $done = $this->pool('done');
                $sqlite = $this->sqlite();
                for ($round = 1; $round <= 150; $round++) {
                    $chain = $this->chain($sqlite, $versions, oneMachine: $oneMachine);
                    if (mt_rand(0, 4) === 0) {
                        $text = str_repeat("$number:$round ", mt_rand(1, 100));
                        $data = ['round' => $round, 'text' => $text, 'sum' => crc32($text)];
                        // One of its own, and one that all write.
                        $chain->set("own $number", $data);
                        $done->set("own $number", $round);
                        mt_rand(0, 1) ? $chain->set('all', $data) : $chain->delete('all');
                    }
                    $least = $done->getMulti($ids = array_map(static fn (int $i): string => "own $i", range(0, 7)));
                    $ids[] = 'all';
                    $items = $this->chain($sqlite, $versions, oneMachine: $oneMachine)->getMultiple($ids);
                    foreach ($items as $id => $item) {
                        if (crc32($item->data['text']) !== $item->data['sum']) {
                            return 'a torn value';
                        }
                    }
                    foreach ($least as $id => $written) {
                        if (($items[$id]->data['round'] ?? 0) < $written) {
                            return "$id: " . ($items[$id]->data['round'] ?? 'nothing') . " after $written was written";
                        }
                    }
                }

                return 'right';
            });
            self::assertSame(array_fill(0, 8, 'right'), $results);
            for ($i = 0; $i < 2; $i++) {
                $ids = [...array_map(static fn (int $i): string => "own $i", range(0, 7)), 'all'];
                $wanted = $ids;
                $expected = array_column($this->sqlite()->getMultiple($ids), 'data', 'cid');
                $actual = array_column($this->chain(versions: $versions, oneMachine: $oneMachine)->getMultiple($wanted), 'data', 'cid');
                ksort($expected);
                ksort($actual);
                self::assertSame($expected, $actual);
            }
        }
    }
}
