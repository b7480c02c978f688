<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** How much a warning matters. */
enum Level: string
{
    /** Something does not work as it should. */
    case Bad = 'bad';
    /** Something is to be looked after. */
    case Warn = 'warn';
    /** Good to know. */
    case Info = 'info';
}
