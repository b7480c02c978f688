<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

enum Order: string
{
    case Asc = 'ASC';
    case Desc = 'DESC';
}
