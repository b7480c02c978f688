<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What a multi-get of buckets has found. */
final class BucketReads
{
    /** @var array<string, list<array<string, int|float|string|null>>> rows of those that are clean and fresh, by key */
    public array $rows = [];
    /** @var array<string, BucketRead> all others, by key */
    public array $others = [];
}
