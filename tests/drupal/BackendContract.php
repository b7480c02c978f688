<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\Cache;
use Drupal\Core\Cache\CacheBackendInterface;

/** What every bin does, whatever it is made of. */
abstract class BackendContract extends TestCase
{
    abstract protected function bin(string $bin = 'render'): CacheBackendInterface;

    /** @dataProvider values */
    public function testValuesComeBackAsTheyWere(mixed $value): void
    {
        $bin = $this->bin();
        $bin->set('a', $value);
        $item = $bin->get('a');
        self::assertIsObject($item);
        is_object($value) ? self::assertEquals($value, $item->data) : self::assertSame($value, $item->data);
        self::assertEquals(['a', Cache::PERMANENT, [], true], [$item->cid, $item->expire, $item->tags, $item->valid]);
        self::assertEquals($value, $bin->get('a')->data, 'also when read once more');
    }

    public static function values(): iterable
    {
        $object = new \stdClass();
        $object->list = [1, 'two', new \ArrayObject([3])];
        foreach ([1, '0', '', 12.64, false, [], [1, ['x' => null]], "\nEOF;\n\0$", $object, str_repeat('long ', 10_000)] as $value) {
            yield [$value];
        }
    }

    public function testWhatIsDoneToAnObjectStaysOutside(): void
    {
        $bin = $this->bin();
        $object = new \stdClass();
        $object->value = 1;
        $bin->set('a', $object);
        $object->value = 2;
        $bin->get('a')->data->value = 3;
        self::assertSame(1, $bin->get('a')->data->value);
    }

    public function testExpiredItemsComeIfTheyAreAllowed(): void
    {
        $bin = $this->bin();
        $now = $this->time->time;
        $bin->set('soon', 1, $now + 3);
        $bin->set('now', 2, $now);
        $bin->set('past', 3, $now - 3);
        self::assertEquals([1, $now + 3, true], [$bin->get('soon')->data, $bin->get('soon')->expire, $bin->get('soon')->valid]);
        self::assertSame(2, $bin->get('now')->data);
        self::assertFalse($bin->get('past'));
        $item = $bin->get('past', true);
        self::assertEquals([3, $now - 3, false], [$item->data, $item->expire, $item->valid]);
        $this->time->time += 4;
        self::assertFalse($bin->get('soon'));
        self::assertSame(1, $bin->get('soon', true)->data);
        $bin->set('past', 3, $now + 100);
        self::assertSame(3, $bin->get('past')->data, 'an item that is set again');
    }

    public function testCreatedIsTheTimeInMillisecondsAndDoesNotDecrease(): void
    {
        $bin = $this->bin();
        $last = round(microtime(true), 3);
        for ($i = 0; $i < 1000; $i++) {
            $bin->set('a', intdiv($i, 2));
            $created = (float) $bin->get('a')->created;
            self::assertSame(round($created, 3), $created);
            self::assertGreaterThanOrEqual($last, $created);
            self::assertLessThanOrEqual(round(microtime(true), 3), $created);
            $last = $created;
        }
    }

    public function testOnlyTheMissesStayInTheListOfIds(): void
    {
        $bin = $this->bin();
        $long = str_repeat('l', 300);
        $ids = ['0', '007', '7', 'a b', $long, "bytes \xff\x00\x01", 'ä', ''];
        foreach ($ids as $id) {
            $bin->set($id, "data of $id");
        }
        $asked = ['x' => 'missing', 'y' => '007', '0', 7, '08', $long, "{$long}l", "bytes \xff\x00\x01", 'ä', '', 'A B'];
        $items = $bin->getMultiple($asked);
        self::assertSame(['missing', '08', "{$long}l", 'A B'], array_values($asked));
        self::assertArrayHasKey('x', $asked, 'with their keys');
        $expected = ['007', '0', '7', $long, "bytes \xff\x00\x01", 'ä', ''];
        self::assertEqualsCanonicalizing($expected, array_map(strval(...), array_keys($items)));
        foreach ($expected as $id) {
            self::assertSame("data of $id", $items[$id]->data);
            self::assertSame($id, $items[$id]->cid);
        }
        $all = $ids;
        self::assertCount(count($ids), $bin->getMultiple($all));
        self::assertSame([], $all);
        $none = [];
        self::assertSame([], $bin->getMultiple($none));
    }

    public function testIdsThatLookAlikeAreDifferent(): void
    {
        $bin = $this->bin();
        $ids = ['a', 'A', 'a ', ' a', 'a%', 'a%25', 'a:', 'a%3A', str_repeat('a', 300) . '1', str_repeat('a', 300) . '2'];
        foreach ($ids as $number => $id) {
            $bin->set($id, $number);
        }
        foreach ($ids as $number => $id) {
            self::assertSame($number, $bin->get($id)->data, $id);
        }
    }

    public function testSetMultiple(): void
    {
        $bin = $this->bin();
        $bin->set('5', 'old');
        $bin->setMultiple(['a' => ['data' => 1], '5' => ['data' => 2, 'expire' => $this->time->time + 9, 'tags' => ['t']]]);
        self::assertSame(1, $bin->get('a')->data);
        $item = $bin->get('5');
        self::assertEquals([2, $this->time->time + 9, ['t']], [$item->data, $item->expire, $item->tags]);
    }

    public function testDelete(): void
    {
        $bin = $this->bin();
        foreach (['a', 'b', 'c', 'd', '7'] as $id) {
            $bin->set($id, $id);
            self::assertSame($id, $bin->get($id)->data);
        }
        $bin->delete('a');
        $bin->delete('missing');
        $bin->deleteMultiple(['b', 7, 'missing']);
        $ids = ['a', 'b', 'c', 'd', '7'];
        self::assertSame(['c', 'd'], array_keys($bin->getMultiple($ids)));
        self::assertFalse($bin->get('a', true));
        $bin->set('a', 'again');
        self::assertSame('again', $bin->get('a')->data);
    }

    /** @dataProvider wholeBins */
    public function testTheWholeBin(string $method, bool $invalidAllowed): void
    {
        $bin = $this->bin();
        $other = $this->bin('other');
        foreach ([1, 2] as $round) {
            $bin->set('a', $round);
            $bin->set('b', $round, $this->time->time + 100);
            $other->set('a', $round);
            self::assertSame($round, $bin->get('a')->data);
            $bin->$method();
            self::assertFalse($bin->get('a'));
            self::assertSame($invalidAllowed, $bin->get('a', true) !== false);
            self::assertSame($invalidAllowed, $bin->get('b', true) !== false);
            self::assertSame($round, $other->get('a')->data);
        }
        $bin->set('a', 2);
        self::assertSame(2, $bin->get('a')->data, 'what is set after it is there');
    }

    public static function wholeBins(): array
    {
        return [['deleteAll', false], ['removeBin', false], ['invalidateAll', true]];
    }

    public function testInvalidatedItemsKeepTheirDataAndTags(): void
    {
        $bin = $this->bin();
        foreach (['a', 'b', 'c'] as $id) {
            $bin->set($id, ['of' => $id], Cache::PERMANENT, ['t', 's']);
            self::assertSame(['of' => $id], $bin->get($id)->data);
        }
        $bin->invalidate('a');
        $bin->invalidateMultiple(['b', 'missing']);
        self::assertFalse($bin->get('a'));
        $ids = ['a', 'b', 'c', 'missing'];
        $items = $bin->getMultiple($ids, true);
        self::assertSame(['missing'], array_values($ids));
        foreach (['a' => false, 'b' => false, 'c' => true] as $id => $valid) {
            self::assertSame([['of' => $id], $valid], [$items[$id]->data, $items[$id]->valid]);
            self::assertEqualsCanonicalizing(['s', 't'], $items[$id]->tags);
        }
        $bin->set('a', ['of' => 'a'], Cache::PERMANENT, ['t', 's']);
        self::assertSame(['of' => 'a'], $bin->get('a')->data, 'set again as it was, it is valid');
    }

    public function testTagsInvalidateInAllBins(): void
    {
        $bins = [$this->bin(), $this->bin('other')];
        foreach ($bins as $bin) {
            $bin->set('a', 1, Cache::PERMANENT, ['t:1', 't:2', 't:1']);
            $bin->set('b', 2, Cache::PERMANENT, ['t:3']);
            $bin->set('c', 3);
            self::assertSame(1, $bin->get('a')->data);
        }
        $this->tags->invalidateTags(['t:2']);
        foreach ($bins as $bin) {
            self::assertFalse($bin->get('a'));
            self::assertSame([2, 3], [$bin->get('b')->data, $bin->get('c')->data]);
            $item = $bin->get('a', true);
            self::assertSame([1, false], [$item->data, $item->valid]);
            self::assertEqualsCanonicalizing(['t:1', 't:2'], array_unique($item->tags));
            $bin->set('a', 1, Cache::PERMANENT, ['t:1', 't:2']);
            self::assertSame(1, $bin->get('a')->data);
        }
    }
}
