<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard\View;

use SharedCache\Console\Entry as Fields;
use SharedCache\Console\Text;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Page;
use SharedCache\Dashboard\Preview;
use SharedCache\Dashboard\View;

/** One entry. Its value is decoded without being asked for only if that cannot run code. */
final class Entry implements View
{
    /**
     * Bytes of an entry above which its value is not fetched: where values are copied, that takes as much of PHP's
     * memory.
     */
    private const VALUE_LIMIT = 8_388_608;

    public function title(Page $page): string
    {
        return 'Entry';
    }

    public function render(Page $page): string
    {
        $key = Html::decodeKey($page->request->post('k', $page->request->query('k')));
        if ($key === null) {
            return '<section><p>That is no key.</p></section>';
        }
        $entry = cache_key_info($key);
        $html = '<section><p class="key">' . Html::bytes($key, 65_535) . '</p>';
        if ($entry === null) {
            return "$html<p>There is no entry of this key, or it is past its time.</p></section>";
        }

        return $html . self::fields($key, $entry) . '</section>'
            . Html::section('Value', self::value($page, $key, $entry))
            . ($page->canAct() ? self::actions($page, $key) : '');
    }

    private static function fields(string $key, array $entry): string
    {
        $time = static fn (?int $stamp): string => $stamp === null ? 'never' : Html::text(Text::time($stamp));
        $lease = $entry['lease'];
        $keepsStale = $entry['stale_ttl'] > 0;

        return Html::figures([
            ['State', Entries::state($entry['state']), Html::text(Fields::until($entry))],
            ['Type', Html::text($entry['type']), 'of the value'],
            ['Size', Text::number($entry['size']) . ' bytes', 'in the segment, with key and header'],
            ['Key', Text::number(strlen($key)) . ' bytes', 'any bytes; what cannot be seen is shown as <span '
                . 'class="x">\x00</span>'],
            [$entry['stamp'] < 0 ? 'Invalidated' : 'Validated', $time(abs($entry['stamp'])),
                Text::ago(abs($entry['stamp']))
                . ($entry['stamp'] < 0 ? '; marked as stale' : '; stored, or found to be still right')],
            ['Ttl', $keepsStale ? Html::text(Fields::lifetime($entry)) : ($entry['ttl'] ? Text::duration($entry['ttl'])
                : 'no limit'), 'as it was stored'],
            ...($keepsStale ? [['Stale from', $time($entry['soft']), 'then pages may still be served the old value '
                . 'while one process makes the new one']] : []),
            ['Gone from', $time($entry['hard']), 'then it counts as missing'],
            ['Last hit', Html::text(date('Y-m-d H:i:s', $entry['accessed'])), 'or the store'],
            ['Hits', $entry['hits_class'] . ($entry['hits_class'] === 3 ? ' or more' : ''),
                'since it was last considered for eviction'],
            ['Tags', $entry['tags'] ? Entries::tags($entry['tags']) : 'none', 'invalidating one of them invalidates '
                . 'the entry'],
            ['Version', (string) $entry['version'], 'another one after each store'],
            ['Rebuilt', $lease === null ? 'by nobody' : 'until ' . $time($lease['deadline']), $lease === null
                ? 'no lease is in force' : ($lease['owner'] === null ? 'by a process that has no place of its own'
                    : "by the process in the place $lease[owner] of the segment") . '; then somebody else may'],
        ]);
    }

    private static function value(Page $page, string $key, array $entry): string
    {
        if (!$page->settings->values) {
            return '<p class="soft">The setting <code>values</code> is off.</p>';
        }
        if ($entry['size'] > self::VALUE_LIMIT) {
            return '<p class="soft">Larger than ' . Text::bytes(self::VALUE_LIMIT)
                . ': <code>cache-worker get</code> shows it.</p>';
        }
        if (!in_array($entry['type'], ['array', 'object'], true) || $page->peek === 'value') {
            return self::preview($key);
        }
        if (!$page->canDecode()) {
            return '<p class="soft">Of this type, values are not shown: '
                . ($page->settings->decode ? 'without a password or the setting <code>secret</code> there can be no '
                . 'button.'
                    : 'the setting <code>decode</code> is off.') . '</p>';
        }

        return '<p>' . ($entry['type'] === 'object' ? 'An object' : 'An array, which may hold objects')
            . '. To show it, it must be decoded: autoloaders, and <code>__unserialize()</code>, '
            . '<code>__wakeup()</code> and <code>__destruct()</code> of its classes run in this process.</p>'
            . $page->button('value', ['k' => Html::encodeKey($key)], 'Decode it, and run that code', 'quiet');
    }

    private static function preview(string $key): string
    {
        try {
            $value = cache_fetch_stale($key, $state);
        } catch (\Throwable $error) {
            return '<p class="flash bad">Decoding failed: ' . Html::bytes($error::class . ': '
                . $error->getMessage(), 1000) . '</p>';
        }
        if ($state !== CACHE_STATE_MISSING) {
            return Preview::html($value) . '<p class="note">The beginning of it, if it is large. Looking counts as '
                . 'a hit.</p>';
        }

        return cache_key_info($key) === null
            ? '<p class="soft">It has gone meanwhile.</p>'
            : '<p class="flash warn">It cannot be decoded here: the class of an object is not known to this '
                . 'process, or has changed since, or the bytes are damaged. It counts as missing.</p>';
    }

    private static function actions(Page $page, string $key): string
    {
        $fields = ['k' => Html::encodeKey($key)];

        return Html::section('Actions', '<div class="row">' . $page->button('delete', $fields, 'Delete', 'danger')
            . $page->button('stale', $fields, 'Mark as stale', 'quiet') . '</div>', 'Both end a rebuild that is '
            . 'under way. Marked as stale, it is served as a stale value for its stale_ttl; without one it is gone '
            . 'at once.');
    }
}
