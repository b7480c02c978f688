<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\Cache\CacheFactoryInterface;
use Drupal\Core\Cache\CacheTagsChecksumInterface;
use Drupal\Core\Site\Settings;

/**
 * Makes bins in shared memory. Takes what core's ApcuBackendFactory takes.
 */
class SharedBackendFactory implements CacheFactoryInterface {

  private readonly string $sitePrefix;

  /**
   * Constructs a SharedBackendFactory.
   *
   * @param string $root
   *   The app root.
   * @param string $site_path
   *   The site path.
   * @param \Drupal\Core\Cache\CacheTagsChecksumInterface $checksumProvider
   *   The cache tags checksum provider.
   * @param \Drupal\Component\Datetime\TimeInterface $time
   *   The time service.
   * @param bool $fills
   *   See SharedBackend; TRUE if all bins are the fast ones of core's ChainedFastBackend.
   */
  public function __construct(
    string $root,
    string $site_path,
    private readonly CacheTagsChecksumInterface $checksumProvider,
    private readonly TimeInterface $time,
    private readonly bool $fills = FALSE,
  ) {
    // Differs for each site, each set of versions, and each deployment identifier; the name has come with APCu.
    $this->sitePrefix = Settings::getApcuPrefix('shared_cache', $root, $site_path);
  }

  /**
   * {@inheritdoc}
   *
   * @throws \SharedCache\ExtensionMissingException
   */
  public function get($bin): SharedBackend {
    return new SharedBackend($bin, $this->sitePrefix, $this->checksumProvider, $this->time, $this->fills);
  }

}
