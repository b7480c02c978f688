<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** One of the pages. */
interface View
{
    public function title(Page $page): string;

    /** @return string HTML of what stands below the title */
    public function render(Page $page): string;
}
