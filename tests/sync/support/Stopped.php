<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\Storage;

/** Writers in processes of their own that stop where they are told. For test cases with Processes. */
trait Stopped
{
    /**
     * A write in a child, which opens its database after letGo(), says the point where it stops, goes on after another letGo(), and
     * says "done" or what was thrown.
     *
     * @param callable(CachedStorage): mixed $write
     * @param string|null $point one of Stops::POINTS
     */
    protected function writer(Setup $setup, callable $write, ?string $point): int
    {
        return $this->fork(function (callable $say, callable $wait) use ($setup, $write, $point): string {
            $wait();
            $storage = $setup->open($this->clock(), fn (Storage $source): Stops => new Stops(
                $source,
                static function (string $at) use ($point, $say, $wait): void {
                    if ($at === $point) {
                        $say($at);
                        $wait();
                    }
                },
            ));
            $write($storage);

            return 'done';
        });
    }

    /** Lets it go, up to its point. */
    protected function runTo(int $writer, string $point): void
    {
        $this->letGo($writer);
        self::assertSame($point, $this->hear($writer));
    }
}
