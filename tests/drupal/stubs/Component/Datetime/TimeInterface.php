<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Component\Datetime;

/** The part of the contract that the module uses. */
interface TimeInterface
{
    /** @return int seconds since the epoch, the same during a request */
    public function getRequestTime();
}
