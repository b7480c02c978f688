<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

/**
 * Says of which state the items of a backend are, without their data.
 */
interface RowVersionsInterface {

  /**
   * Asks for items, valid or not.
   *
   * @param string[] $cids
   *   Cache IDs.
   *
   * @return array<array-key, object>
   *   By cache ID, of those that are there and can be told apart: objects with `created`, `expire` and `checksum`, each of which is,
   *   as a string, what the backend's items have.
   */
  public function rows(array $cids): array;

}
