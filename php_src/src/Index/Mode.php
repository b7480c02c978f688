<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What a write does to the buckets it concerns. The results of reads are the same. */
enum Mode
{
    /** The new row is merged into the bucket: the next reader finds it there. */
    case UpdateInPlace;
    /** The bucket goes: the next reader fills it from the storage. */
    case InvalidateAndFill;
}
