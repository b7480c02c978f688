<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** The user has no such collection. */
final class CollectionNotFoundException extends StorageException
{
}
