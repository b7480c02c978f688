<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** Counts how often code of it runs when it is decoded. */
final class Noted
{
    public static int $runs = 0;
    public static bool $throws = false;
    public string $text = 'what it holds';
    private string $private = "<zz onx='1'>";

    public function __serialize(): array
    {
        return [$this->text, $this->private];
    }

    public function __unserialize(array $data): void
    {
        self::$runs++;
        if (self::$throws) {
            throw new \RuntimeException("no <zz> \xff");
        }
        [$this->text, $this->private] = $data;
    }
}
