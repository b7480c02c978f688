<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use SharedCache\Rebuild\Pattern;

final class PatternTest extends TestCase
{
    /** @dataProvider keys */
    public function testMatches(string $pattern, string $key, ?array $expected): void
    {
        self::assertSame($expected, (new Pattern($pattern))->match($key));
    }

    public static function keys(): array
    {
        return [
            'no placeholder' => ['menu', 'menu', []],
            'no placeholder, another key' => ['menu', 'menus', null],
            'the rest' => ['stats:{board}', 'stats:7', ['board' => '7']],
            'the rest, with what looks like a separator' => ['stats:{board}', 'stats:7:8/9', ['board' => '7:8/9']],
            'nothing is left' => ['stats:{board}', 'stats:', null],
            'another prefix' => ['stats:{board}', 'state:7', null],
            'up to the next byte of the pattern' => ['{a}:{b}', 'x:y:z', ['a' => 'x', 'b' => 'y:z']],
            'in the middle' => ['user/{id}/menu', 'user/12/menu', ['id' => '12']],
            'not across the next byte' => ['user/{id}/menu', 'user/1/2/menu', null],
            'an expression' => ['page:{id:\d+}', 'page:12', ['id' => '12']],
            'an expression that does not match' => ['page:{id:\d+}', 'page:x', null],
            'an expression with braces' => ['{year:\d{4}}-{rest}', '2026-11', ['year' => '2026', 'rest' => '11']],
            'an expression with the delimiter' => ['{a:~+}x', '~~x', ['a' => '~~']],
            'bytes that are special in expressions' => ['a.b*{c}', 'a.b*1', ['c' => '1']],
            'which are themselves only' => ['a.b*{c}', 'aXb*1', null],
            'any bytes' => ["\0{x}", "\0\n\xff", ['x' => "\n\xff"]],
            'no newline more' => ['menu{x:\d}', "menu1\n", null],
        ];
    }

    /** @dataProvider invalid */
    public function testRefuses(string $pattern, string $reason): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage($reason);
        new Pattern($pattern);
    }

    public static function invalid(): array
    {
        return [
            'empty' => ['', 'must not be empty'],
            'twice the same' => ['{a}:{a}', '{a} twice'],
            'nothing between two' => ['{a}{b}', 'where {a} ends'],
            'a brace alone' => ['a{', 'brace'],
            'no name' => ['{1}', 'brace'],
            'a bad expression' => ['{a:(}', 'is not valid'],
        ];
    }

    public function testFillsText(): void
    {
        self::assertSame('board:7 {other}', Pattern::fill('board:{board} {other}', ['board' => '7']));
        self::assertSame('{b}', Pattern::fill('{a}', ['a' => '{b}', 'b' => 'no']));
    }
}
