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
use SharedCache\Dashboard\Search;
use SharedCache\Dashboard\View;
use SharedCache\Dashboard\Walk;

/** What is in the cache. */
final class Entries implements View
{
    /** Bytes of a key above which its URL would be too long for a web server. */
    private const URL_KEY = 1500;

    public function title(Page $page): string
    {
        return 'Entries';
    }

    public function render(Page $page): string
    {
        $search = Search::of($page->request);
        $walk = new Walk($page->settings->walkSeconds);
        [$entries, $more] = $walk->page($search, $page->settings->pageSize);
        $html = $this->form($search);
        if ($search->error !== null) {
            return $html . '<p class="flash bad">' . Html::bytes($search->error) . '</p>';
        }
        if ($walk->wasStopped()) {
            $html .= '<p class="flash warn">The search was stopped after ' . Html::text($page->settings->walkSeconds)
                . ' seconds, in which it saw ' . Text::number($walk->seen()) . ' entries. A prefix makes it faster; '
                . 'the setting walkSeconds gives it more time.</p>';
        }
        if ($search->undecided() > 0) {
            $html .= '<p class="flash warn">Of ' . Text::plural($search->undecided(), 'key', 'keys')
                . ' it was not found out '
                . 'whether the pattern fits: it takes more steps than pcre.backtrack_limit allows.</p>';
        }
        $first = ($search->page - 1) * $page->settings->pageSize + 1;
        if (!$entries) {
            return $html . '<section><p>' . ($search->page > 1 ? 'There are not so many.'
                : 'Nothing of that kind is in the cache.')
                . '</p>' . $this->pages($search, false) . '</section>';
        }
        $note = sprintf(
            'Entries %s to %s, in the order of the index; %s are in the cache in all. Sorting sorts this page.',
            Text::number($first),
            Text::number($first + count($entries) - 1),
            Text::number(cache_info(true)['entries']),
        );
        $list = $this->table($page, $search, $entries) . $this->pages($search, $more);

        return $html . Html::section('Found', $page->canAct() ? $this->acting($page, $search, $list) : $list, $note);
    }

    private function form(Search $search): string
    {
        $tag = $search->tag === null ? '' : '<p class="note">With the tag <span class="key">'
            . Html::bytes($search->tag) . '</span>. '
            . Html::link($search->query(['tag' => '', 'page' => 1]), 'Any tag') . '</p>';
        $hidden = Html::hidden(array_intersect_key($search->query(['page' => 1]),
            array_flip(['view', 'tag', 'sort', 'dir'])));

        return "<section>$tag<form method=\"get\" class=\"row\" role=\"search\">$hidden"
            . '<label>Key<br>' . self::options('match', Search::MATCHES, $search->match)
            . ' <input type="search" name="q" aria-label="Text" value="' . Html::text($search->text)
            . '" autocomplete="off"></label>'
            . '<label>State<br>' . self::options('state', Search::STATES, $search->state) . '</label>'
            . '<button>Search</button></form></section>';
    }

    /** @param array<string, string> $choices */
    private static function options(string $name, array $choices, string $chosen): string
    {
        $html = '';
        foreach ($choices as $value => $text) {
            $html .= "<option value=\"$value\"" . ($value === $chosen ? ' selected' : '') . ">$text</option>";
        }

        return "<select name=\"$name\" aria-label=\"" . ucfirst($name) . "\">$html</select>";
    }

    /** @param list<array<string, mixed>> $entries */
    private function table(Page $page, Search $search, array $entries): string
    {
        $head = static function (string $sort, string $text) use ($search): string {
            $isHere = $search->sort === $sort;
            $down = $isHere ? !$search->descending : in_array($sort, ['size', 'age', 'hits'], true);
            $arrow = $isHere ? ($search->descending ? ' ↓' : ' ↑') : '';

            return Html::link($search->query(['sort' => $sort, 'dir' => $down ? 'desc' : '']), $text . $arrow);
        };
        $heads = [
            [$head('key', 'Key'), 'key'], [$head('type', 'Type'), 's'], [$head('size', 'Bytes'), 'n'],
                [$head('age', 'Age'), 'n'],
            [$head('left', 'Time left'), 's'], [$head('state', 'State'), 's'], ['Tags', ''],
                [$head('hits', 'Hits'), 'n'],
            ['Lease', 's'],
        ];
        $canAct = $page->canAct();
        if ($canAct) {
            array_unshift($heads, ['', 's']);
        }

        return Html::table($heads, array_map(static function (array $entry) use ($canAct): array {
            $cells = self::cells($entry, $canAct);
            if ($canAct) {
                array_unshift($cells, '<input type="checkbox" name="keys[]" aria-label="Choose" value="'
                    . Html::encodeKey((string) $entry['key']) . '">');
            }

            return $cells;
        }, $entries));
    }

    /** @return list<string> */
    private static function cells(array $entry, bool $isInForm): array
    {
        $key = (string) $entry['key'];
        $lease = cache_key_info($key)['lease'] ?? null;

        return [
            self::keyLink($key, $isInForm),
            Html::text($entry['type']),
            Text::number($entry['size']),
            Text::duration(max(0.0, microtime(true) - abs($entry['stamp']) / 1e6)),
            Html::text(Fields::until($entry)),
            self::state($entry['state']),
            self::tags($entry['tags'], 4),
            $entry['hits_class'] . ($entry['hits_class'] === 3 ? '+' : ''),
            $lease === null ? '' : 'until ' . date('H:i:s', intdiv($lease['deadline'], 1_000_000)),
        ];
    }

    public static function state(int $state): string
    {
        $class = $state === CACHE_STATE_FRESH ? 'good' : 'warn';

        return "<span class=\"badge $class\">" . Html::text(Fields::state($state)) . '</span>';
    }

    /** @param list<string> $tags */
    public static function tags(array $tags, int $limit = 16): string
    {
        $html = array_map(
            static fn (string $tag): string => Html::link(['view' => 'entries', 'tag' => Html::encodeKey($tag)],
                Html::bytes($tag, 40), 'badge key'),
            array_slice($tags, 0, $limit),
        );

        return implode(' ', $html) . (count($tags) > $limit ? ' <span class="more">' . (count($tags) - $limit)
            . ' more</span>' : '');
    }

    /** Of a key that is too long for a URL a button, whose form may be of any size: that of the list, or its own. */
    private static function keyLink(string $key, bool $isInForm): string
    {
        $html = Html::bytes($key, 200);
        $encoded = Html::encodeKey($key);
        if (strlen($key) <= self::URL_KEY) {
            return Html::link(['view' => 'entry', 'k' => $encoded], $html);
        }
        $action = Html::text(Html::url(['view' => 'entry']));
        $button = "<button class=\"link key\" formaction=\"$action\" name=\"k\" value=\"$encoded\">$html</button>";

        return $isInForm ? $button : "<form method=\"post\" action=\"$action\">$button</form>";
    }

    private function pages(Search $search, bool $more): string
    {
        return '<p class="row apart"><span>'
            . ($search->page > 1 ? Html::link($search->query(['page' => $search->page - 1]), '← Before') : '')
            . '</span><span>'
            . ($more ? Html::link($search->query(['page' => $search->page + 1]), 'More →') : '') . '</span></p>';
    }

    private function acting(Page $page, Search $search, string $list): string
    {
        return $page->form('', Html::hidden(['back' => http_build_query($search->query())]) . $list
            . '<div class="row"><button name="do" value="delete" class="danger">Delete the chosen ones</button>'
            . '<button name="do" value="stale" class="quiet">Mark them as stale</button></div>');
    }
}
