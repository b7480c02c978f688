<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\Core\Cache\CacheTagsInvalidatorInterface;

/** To make doubles of. */
interface TaggedBackend extends CacheBackendInterface, CacheTagsInvalidatorInterface
{
}
