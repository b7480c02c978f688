<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** A setting of the dashboard is wrong; the message says which, and what it may be. */
final class SettingsException extends \RuntimeException
{
}
