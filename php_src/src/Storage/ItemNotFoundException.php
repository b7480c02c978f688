<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** The collection has no such item, or it has expired. */
final class ItemNotFoundException extends StorageException
{
}
