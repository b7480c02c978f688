<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** The order of items in a Page. Among equals, and without one: by id, byte by byte. */
enum Sort
{
    case Newest;
    case Oldest;
    /** The highest sort index first, items without one last. */
    case Index;
}
