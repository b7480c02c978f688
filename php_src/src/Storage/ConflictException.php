<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** Somebody else was at it: the lock was not to be had in time, or the database chose this one to break a deadlock. Try again. */
class ConflictException extends StorageException
{
}
