<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\BasicObjectMapper;
use SharedCache\Index\CachingObjectMapper;
use SharedCache\Index\ObjectLocator;
use SharedCache\Index\ObjectManager;

/** What handlers are told beside the indexes, and when. */
final class LifecycleTest extends TestCase
{
    private const ROW = ['id' => 1, 'board' => 1, 'updated' => 1, 'title' => 'title', 'slug' => null];

    private static function mapper(): CachingObjectMapper
    {
        return new CachingObjectMapper(new BasicObjectMapper(static fn (Topic $topic): array => $topic->row(), Topic::of(...)), ['id']);
    }

    /** @return array{Wiki, Handler, ObjectManager} */
    private static function open(): array
    {
        $wiki = new Wiki();
        $handler = new Handler();

        return [$wiki, $handler, new ObjectManager($wiki->cache, self::mapper(), $wiki->storage, [$wiki->primary, $wiki->list], [$handler])];
    }

    public function testAHandlerIsToldOfEachWriteWithTheRowsOfBeforeAndAfter(): void
    {
        [$wiki, $handler, $topics] = self::open();
        $topic = $topics->put(new Topic(null, 1, 1));
        self::assertSame([['insert', $topic, self::ROW]], $handler->take());
        $topics->put($topic);
        self::assertSame([], $handler->take(), 'nothing has changed');
        $topic->updated = 2;
        $topics->put($topic);
        [[$what, $object, $old, $new]] = $handler->take();
        self::assertSame(['update', $topic], [$what, $object]);
        self::assertEquals([self::ROW, ['updated' => 2] + self::ROW], [$old, $new]);
        $topics->remove($topic);
        [[$what, $object, $old]] = $handler->take();
        self::assertSame(['remove', $topic], [$what, $object]);
        self::assertEquals(['updated' => 2] + self::ROW, $old);
    }

    public function testItIsToldOfEachObjectThatIsLoadedAndOfTheirEnd(): void
    {
        [$wiki, $handler, $topics] = self::open();
        $wiki->post(1, 1);
        $wiki->post(1, 2);
        foreach ([$topics, new ObjectLocator(self::mapper(), $wiki->storage, [$wiki->primary, $wiki->list], [$handler])] as $locator) {
            $found = $locator->find(['board' => 1]);
            self::assertSame([2, 1], array_column($found, 'id'));
            $told = $handler->take();
            self::assertSame(['load', 'load'], array_column($told, 0));
            self::assertSame($found, array_column($told, 1));
            self::assertSame([2, 1], array_column(array_column($told, 2), 'id'));
            self::assertSame([$found[1], null, $found[0]], $locator->getMulti([1, 17, 2]), 'the same objects');
            self::assertCount(2, $handler->take());
            $locator->clear();
            self::assertSame([['clear']], $handler->take());
            self::assertNotSame($found[1], $locator->get(1));
            $handler->take();
        }
    }

    /** Writes are told within the transaction, so that who throws undoes them. */
    public function testAHandlerThatThrowsUndoesTheWrite(): void
    {
        [$wiki, $handler, $topics] = self::open();
        self::assertSame([], $wiki->ids());
        $handler->onWrite = static function () use ($wiki): void {
            self::assertTrue($wiki->cache->isActive());
            self::assertTrue($wiki->database->inTransaction());
            throw new \DomainException('no');
        };
        try {
            $topics->put(new Topic(null, 1, 1));
            self::fail('it comes through');
        } catch (\DomainException) {
        }
        self::assertSame('0', (string) $wiki->database->query('SELECT count(*) FROM topic')->fetchColumn());
        self::assertSame([], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }
}
