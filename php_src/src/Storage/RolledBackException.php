<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** The database has undone the section, and is as it was before. */
final class RolledBackException extends StorageException
{
}
