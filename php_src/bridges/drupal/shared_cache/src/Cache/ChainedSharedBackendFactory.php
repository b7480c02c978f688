<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\Core\Cache\CacheFactoryInterface;
use Drupal\Core\Cache\DatabaseBackend;
use Drupal\Core\Database\Connection;
use Drupal\Core\Site\Settings;
use Psr\Container\ContainerInterface;

/**
 * Makes chained bins. Drop-in for core's ChainedFastBackendFactory.
 */
class ChainedSharedBackendFactory implements CacheFactoryInterface {

  private readonly string $consistentServiceName;

  private readonly float $grace;

  private readonly bool $oneMachine;

  private ?ContainerInterface $container = NULL;

  /**
   * Constructs a ChainedSharedBackendFactory.
   *
   * @param \Drupal\Core\Site\Settings|null $settings
   *   The settings: `shared_cache` may have `grace` in seconds, and `one_machine`, see ChainedSharedBackend; `cache` the
   *   `default` backend.
   * @param string|null $consistent_service_name
   *   The factory of the consistent backends; NULL: the site's default one, or the database.
   * @param string $fastServiceName
   *   The factory of the fast ones.
   * @param \Drupal\Core\Database\Connection|null $connection
   *   The database.
   */
  public function __construct(
    ?Settings $settings = NULL,
    ?string $consistent_service_name = NULL,
    private readonly string $fastServiceName = 'cache.backend.shared',
    private readonly ?Connection $connection = NULL,
  ) {
    $this->consistentServiceName = $consistent_service_name ?? $settings?->get('cache')['default'] ?? 'cache.backend.database';
    $own = $settings?->get('shared_cache') ?? [];
    $this->grace = (float) ($own['grace'] ?? 0);
    $this->oneMachine = (bool) ($own['one_machine'] ?? FALSE);
  }

  /**
   * Sets the service container.
   */
  public function setContainer(ContainerInterface $container): void {
    $this->container = $container;
  }

  /**
   * {@inheritdoc}
   */
  public function get($bin): CacheBackendInterface {
    $consistent = $this->container->get($this->consistentServiceName)->get($bin);
    if ($this->fastServiceName === $this->consistentServiceName) {
      return $consistent;
    }
    // A process without the extension has no fast backend, but what it writes is outdated in those of the others.
    $fast = function_exists('cache_fetch') ? $this->container->get($this->fastServiceName)->get($bin) : NULL;
    $isDatabase = $this->connection && $consistent instanceof DatabaseBackend;
    return new ChainedSharedBackend(
      $consistent,
      $fast,
      $bin,
      $isDatabase ? new DatabaseRowVersions($this->connection, $bin) : NULL,
      $this->grace,
      $isDatabase ? $this->connection : NULL,
      $this->oneMachine,
    );
  }

}
