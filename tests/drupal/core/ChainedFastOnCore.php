<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache\core;

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\Core\Cache\ChainedFastBackend;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\Tests\Core\Cache\ChainedFastBackendTest;

/** With core's grace period of a second. */
final class ChainedWithGrace extends ChainedSharedBackend
{
    public function __construct(CacheBackendInterface $consistent, CacheBackendInterface $fast, string $bin)
    {
        parent::__construct($consistent, $fast, $bin, grace: 1.0);
    }
}

// In the place of core's, before that is loaded.
class_alias(ChainedWithGrace::class, ChainedFastBackend::class);

/** Core's unit tests of its chain: which backend is asked for what, and how often. */
final class ChainedFastOnCore extends ChainedFastBackendTest
{
}
