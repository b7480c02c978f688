<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

/**
 * Where a worker notes what it is doing, for its master to say when it has died: an unlinked file that both have open.
 * The master opens it before it forks, so they share the file's offset, too: the worker is its only user until it is
 * dead.
 */
final class CurrentJob
{
    /** Bytes of queue and key; what is longer is cut. */
    private const SIZE = 480;

    /** @var resource */
    private readonly mixed $file;

    public function __construct()
    {
        $file = tmpfile();
        if ($file === false) {
            throw new \RuntimeException('No temporary file can be made in ' . sys_get_temp_dir());
        }
        stream_set_write_buffer($file, 0);
        $this->file = $file;
    }

    public function begin(array $job): void
    {
        rewind($this->file);
        fwrite($this->file, substr("$job[queue] $job[key]", 0, self::SIZE) . " (attempt $job[attempt])\0");
    }

    public function end(): void
    {
        rewind($this->file);
        fwrite($this->file, "\0");
    }

    /** `queue key (attempt 2)`; null: it was doing nothing. */
    public function read(): ?string
    {
        rewind($this->file);
        $text = unpack('Z*text', fread($this->file, self::SIZE + 32) . "\0")['text'];

        return $text === '' ? null : $text;
    }
}
