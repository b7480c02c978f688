<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard\View;

use SharedCache\Console\Text;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Page;
use SharedCache\Dashboard\View;
use SharedCache\Dashboard\Walk;

/** Tags: what carries them, and how to invalidate one. */
final class Tags implements View
{
    private const COUNTED = 5000;
    private const SHOWN = 100;

    public function title(Page $page): string
    {
        return 'Tags';
    }

    public function render(Page $page): string
    {
        $info = cache_info(true);

        return Html::section('So far', Html::figures([
            ['Invalidated', Text::number($info['tag_invalidations']), 'tags, since the segment was made: however '
                . 'many entries carry one, it is one step'],
            ['Forgotten', Text::number($info['tags_forgotten']), 'records of invalidated tags, given up for newer '
                . 'ones; what carried them became missing'],
        ])) . ($page->canAct() ? self::form($page) : '') . self::list($page);
    }

    private static function form(Page $page): string
    {
        $form = $page->form('tag', '<label>Tag<br><input type="text" name="tag" maxlength="255" required '
            . 'autocomplete="off"></label>'
            . self::kinds() . '<button>Invalidate</button>', 'row');

        return Html::section('Invalidate', $form, 'Soft: entries become stale, and are served as that for their '
            . 'stale_ttl while they are made anew. Hard: they are missing at once.');
    }

    private static function kinds(): string
    {
        return '<label>How<br><select name="hard"><option value="0">soft</option><option '
            . 'value="1">hard</option></select></label>';
    }

    private static function list(Page $page): string
    {
        if ($page->request->query('count') !== '1') {
            return Html::section('Which there are', '<p>The cache keeps no list of them: they are counted by '
                . 'looking at the entries, for '
                . Html::text($page->settings->walkSeconds) . ' seconds at most.</p>'
                . Html::link(['view' => 'tags', 'count' => 1], 'Count them', 'button quiet'));
        }
        $walk = new Walk($page->settings->walkSeconds);
        $tags = $walk->tags(self::COUNTED);
        $note = 'Of ' . Text::number($walk->seen()) . ' entries'
            . ($walk->wasStopped() ? '; then the time was over' : '')
            . (count($tags) >= self::COUNTED ? '; others than the first ' . Text::number(self::COUNTED)
            . ' tags were not counted' : '')
            . (count($tags) > self::SHOWN ? '; the ' . self::SHOWN . ' with the most bytes' : '') . '.';
        $rows = [];
        foreach (array_slice($tags, 0, self::SHOWN, true) as $tag => [$entries, $bytes]) {
            $tag = (string) $tag;
            $row = [Html::link(['view' => 'entries', 'tag' => Html::encodeKey($tag)], Html::bytes($tag), 'key'),
                Text::number($entries), Text::bytes($bytes)];
            if ($page->canAct()) {
                $row[] = $page->form('tag', Html::hidden(['tag64' => Html::encodeKey($tag)])
                    . '<button class="quiet small" name="hard" value="0">Soft</button> <button class="danger small" '
                    . 'name="hard" value="1">Hard</button>');
            }
            $rows[] = $row;
        }
        $heads = [['Tag', 'key'], ['Entries', 'n'], ['Bytes', 'n'], ['Invalidate', 's']];

        return Html::section('Which there are', $rows
            ? Html::table(array_slice($heads, 0, $page->canAct() ? 4 : 3), $rows) : '<p>No entry has a tag.</p>',
            $note);
    }
}
