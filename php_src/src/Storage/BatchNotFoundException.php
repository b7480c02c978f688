<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** There is no such batch: it was applied, dropped, or is older than Storage::BATCH_TTL. */
final class BatchNotFoundException extends StorageException
{
}
