<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use PHPUnit\Framework\TestCase;
use SharedCache\Key;

final class KeyTest extends TestCase
{
    public function testJoinsParts(): void
    {
        self::assertSame('forum:7:a%3Ab', Key::of('forum', 7, 'a:b'));
        self::assertSame('one', Key::of('one'));
        self::assertSame('', Key::of(''));
        self::assertSame(':', Key::of('', ''));
        self::assertSame('a:', Key::of('a', ''));
        self::assertSame('100%25', Key::of('100%'));
        self::assertSame(Key::of(5), Key::of('5'));
    }

    public function testDifferentPartsGiveDifferentKeys(): void
    {
        $alphabet = ['', 'a', ':', '%', '%3A', '%25', 'a:', ':a', '%#', "\0", '3A', '::', '%3A:'];
        $seen = [];
        foreach ($alphabet as $a) {
            foreach ([null, ...$alphabet] as $b) {
                foreach ($b === null ? [null] : [null, ...$alphabet] as $c) {
                    $parts = array_filter([$a, $b, $c], static fn (?string $part): bool => $part !== null);
                    $key = Key::of(...$parts);
                    self::assertArrayNotHasKey("k$key", $seen);
                    self::assertSame(array_values($parts), Key::parts($key));
                    $seen["k$key"] = true;
                }
            }
        }
    }

    public function testIsBinarySafe(): void
    {
        $parts = [random_bytes(40), "\xff\0", "\u{1F600}"];
        self::assertSame($parts, Key::parts(Key::of(...$parts)));
    }

    public function testHashesWhatIsTooLong(): void
    {
        $long = str_repeat('x', 1000);
        $key = Key::of('forum', $long);
        self::assertSame(Key::LIMIT, strlen($key));
        self::assertStringStartsWith('forum:xxx', $key);
        self::assertNotSame($key, Key::of('forum', $long . 'y'));
        self::assertNotSame($key, Key::of('forum', '', $long));
        self::assertSame($key, Key::of('forum', $long));
        self::assertNull(Key::parts($key));
        // Whoever knows the hash cannot write it into a part.
        self::assertNotSame($key, Key::of(...explode(':', $key)));
    }

    public function testTheLimitItselfIsNotTooLong(): void
    {
        self::assertSame(str_repeat('x', Key::LIMIT), Key::of(str_repeat('x', Key::LIMIT)));
        self::assertStringContainsString('%#', Key::of(str_repeat('x', Key::LIMIT + 1)));
    }

    public function testFitsTexts(): void
    {
        self::assertSame('short', Key::fit('short', 45));
        self::assertSame(45, strlen(Key::fit(str_repeat('x', 46), 45)));
    }
}
