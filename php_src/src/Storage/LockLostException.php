<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/**
 * The lock was lost while it was held: to its lease, or with the connection to the database. What was read under it may not
 * belong together. What was written is there or not, but nothing of it overwrites what a later holder wrote.
 */
final class LockLostException extends ConflictException
{
}
