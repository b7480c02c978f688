<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** A lock for writing was asked for inside one for reading: two that did so would wait for each other for ever. */
final class LockUpgradeException extends StorageException
{
}
