<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard\View;

use SharedCache\Dashboard\Directives;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Page;
use SharedCache\Dashboard\View;

/** Settings of the extension, and of the dashboard itself. */
final class Config implements View
{
    public function title(Page $page): string
    {
        return 'Settings';
    }

    public function render(Page $page): string
    {
        $rows = [];
        foreach (ini_get_all('cache') ?: [] as $name => $directive) {
            $value = (string) $directive['local_value'];
            $rows[] = ['<code>' . Html::text($name) . '</code>', $value === '' ? '<span class="soft">empty</span>'
                : Html::bytes($value),
                Html::text(Directives::TEXTS[$name] ?? '')];
        }

        return Html::section('The extension', Html::figures($rows), 'Of this process. They are read when a process '
            . 'first uses the cache; to change one, change php.ini or the pool, and restart PHP. Of a segment that '
            . 'exists already size, max_processes and queue_size are those of who made it.') . self::own($page);
    }

    private static function own(Page $page): string
    {
        $settings = $page->settings;
        $switch = static fn (bool $on): string => $on ? 'on' : 'off';

        return Html::section('This dashboard', Html::figures([
            ['Login', implode(', ', array_filter([
                $settings->passwordHash !== null ? 'password' : '',
                $settings->allow !== null ? 'the application\'s check' : '',
                $settings->trusted && $settings->passwordHash === null ? 'none here: the site has seen to it' : '',
            ])), 'passwordHash, allow, trusted'],
            ['<code>actions</code>', $switch($settings->actions), 'may entries be deleted, tags invalidated, jobs '
                . 'queued again?'],
            ['<code>values</code>', $switch($settings->values), 'are values shown?'],
            ['<code>decode</code>', $switch($settings->decode), 'arrays, objects and payloads, too, at the press of '
                . 'a button?'],
            ['<code>metrics</code>', $switch($settings->metrics), 'the page ?view=metrics for Prometheus'],
            ['<code>pageSize</code>', (string) $settings->pageSize, 'entries on a page'],
            ['<code>walkSeconds</code>', Html::text($settings->walkSeconds), 'how long a search may take'],
        ]));
    }
}
