<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** The storage could not do what was asked. Base of all that this namespace throws on purpose. */
class StorageException extends \RuntimeException
{
}
