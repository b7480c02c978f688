<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** Not an offset that a Page has named. */
final class InvalidOffsetException extends StorageException
{
}
