<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard\View;

use SharedCache\Console\Text;
use SharedCache\Dashboard\Chart;
use SharedCache\Dashboard\Counters;
use SharedCache\Dashboard\Health;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Level;
use SharedCache\Dashboard\Page;
use SharedCache\Dashboard\Rates;
use SharedCache\Dashboard\Snapshot;
use SharedCache\Dashboard\View;
use SharedCache\Dashboard\Warning;

/** Is the cache well? */
final class Overview implements View
{
    private const REFRESH = 5;

    private readonly Snapshot $snapshot;

    public function __construct(?Snapshot $snapshot = null)
    {
        $this->snapshot = $snapshot ?? Snapshot::take();
    }

    public function title(Page $page): string
    {
        return 'Overview';
    }

    /** @return array<string, string|int> the page that is to come by itself */
    public function again(Page $page): array
    {
        return [
            'view' => 'overview', 'refresh' => $page->request->number('refresh', 0, 0, 3600),
                'since' => Rates::mark($this->snapshot),
        ];
    }

    public function render(Page $page): string
    {
        return self::warnings(Health::of($this->snapshot))
            . $this->cards(Rates::since($page->request->query('since'), $this->snapshot))
            . $this->refresh($page)
            . $this->memory()
            . $this->segment()
            . $this->processes()
            . $this->histograms()
            . $this->counters()
            . ($page->canAct() ? $this->clear($page) : '');
    }

    /** @param list<Warning> $warnings */
    private static function warnings(array $warnings): string
    {
        $html = '';
        foreach ($warnings as $warning) {
            $html .= "<li class=\"{$warning->level->value}\"><b>" . Html::text($warning->text) . '</b>'
                . Html::code($warning->advice) . '</li>';
        }
        if (!$warnings || $warnings[0]->level === Level::Info) {
            $html = '<li class="good"><b>All is well.</b>Nothing failed, nothing waits for somebody.</li>' . $html;
        }

        return "<ul class=\"says\">$html</ul>";
    }

    private function cards(?Rates $rates): string
    {
        $s = $this->snapshot;
        $info = $s->info;
        $ratio = $s->hitRatio();
        $lookups = $rates === null
            ? Text::number((int) round($s->lookups() / $s->age())) . ' a second since the segment was made'
            : sprintf(
                '<b>%s a second</b> in the last %s, of which %s',
                Text::number((int) round($rates->perSecond['lookups'])),
                Text::duration($rates->seconds),
                $rates->perSecond['lookups'] > 0
                    ? self::percent($rates->perSecond['answered'] / $rates->perSecond['lookups']) . ' were answered'
                    : 'none were answered',
            );
        $stores = $rates === null
            ? ''
            : ', ' . Text::number((int) round($rates->perSecond['stores'])) . ' a second now';
        $evictions = $rates === null
            ? 'to make room; ' . Text::number($info['ghost_hits']) . ' came back soon after'
            : Text::number((int) round($rates->perSecond['evictions'])) . ' a second now; '
            . Text::number($info['ghost_hits'])
                . ' came back soon after';
        $cards = [
            ['Hit ratio', $ratio === null ? '–' : self::percent($ratio), 'of the look-ups found a value, fresh or '
                . 'stale, since '
                . Html::text(Text::time($info['segment']['created'])),
                Chart::bar([[$ratio ?? 0.0, 'a', 'answered']], 'Hit ratio')],
            ['Memory', Text::bytes($info['memory']['used']), 'of ' . Text::bytes($info['segment']['size'])
                . ' hold something: '
                . self::percent($s->fill()), Chart::bar([[$s->fill(), 'a', 'used']], 'Memory in use')],
            ['Entries', Text::number($info['entries']), 'with those past their time that were not swept yet'],
            ['Look-ups', Text::number($s->lookups()), $lookups],
            ['Stores', Text::number($info['stores']), 'values written' . $stores],
            ['Evictions', Text::number($info['evictions']), $evictions],
            ['Expired', Text::number($info['expirations']), 'entries whose memory was returned after their time'],
            ['Processes', Text::number($info['segment']['processes']), 'attached, of '
                . Text::number($info['segment']['processes_max'])
                . ' at most; ' . Text::number($info['recoveries']) . ' died attached and were cleaned up after'],
        ];
        $html = '';
        foreach ($cards as $card) {
            [$title, $figure, $meaning, $chart] = $card + [3 => ''];
            $html .= "<div><h2>$title</h2><div class=\"big\">$figure</div>$chart"
                . "<p class=\"meaning\">$meaning</p></div>";
        }

        return "<div class=\"cards\">$html</div>";
    }

    private function refresh(Page $page): string
    {
        $seconds = $page->request->number('refresh', 0, 0, 3600);
        $html = $seconds > 0
            ? "The page loads anew every $seconds seconds. " . Html::link(['view' => 'overview'], 'Stop')
            : Html::link(
                ['view' => 'overview', 'refresh' => self::REFRESH, 'since' => Rates::mark($this->snapshot)],
                'Load anew every ' . self::REFRESH . ' seconds',
            ) . ', with what happens meanwhile';

        return "<p class=\"soft\">$html · " . Html::link(['view' => 'overview', 'format' => 'json'], 'JSON')
            . ($page->settings->metrics ? ' · ' . Html::link(['view' => 'metrics'], 'Metrics') : '') . '</p>';
    }

    private function memory(): string
    {
        $memory = $this->snapshot->info['memory'];
        $size = $this->snapshot->info['segment']['size'];
        $classes = array_values(array_filter($memory['classes'],
            static fn (array $class): bool => $class['pages'] > 0));
        $share = Chart::bar([
            [$memory['used'] / $size, 'a', 'in use: ' . Text::bytes($memory['used'])],
            [$memory['free'] / $size, 'b', 'taken from the file system, free: ' . Text::bytes($memory['free'])],
        ], 'The segment: in use, free, not yet taken', 'tall');
        $rows = array_map(static fn (array $class): array => [
            Chart::nameOf($class),
            Text::bytes(Chart::bytesOf($class)),
            Text::number($class['used']),
            $class['block_size'] > 0 ? self::percent($class['used'] * $class['block_size'] / Chart::bytesOf($class))
                : '',
            Text::number($class['entries_small']),
            Text::number($class['entries_main']),
        ], $classes);
        $table = Html::table([
            ['block size', 's'], ['memory', 'n'], ['blocks in use', 'n'], ['filled', 'n'], ['on probation', 'n'],
                ['main queue', 'n'],
        ], $rows);

        return Html::section('Memory', $share . Html::figures([
            ['In use', Text::bytes($memory['used']), 'entries and the index, which takes '
                . Text::bytes($memory['index'])],
            ['Free', Text::bytes($memory['free']), 'taken from the file system, and not in use'],
            ['Taken so far', Text::bytes($memory['total']), 'of ' . Text::bytes($size)
                . ': it grows in steps, and is never given back'],
            ['Held back', Text::bytes($memory['retired']), 'replaced or deleted, but readers still look at it'],
            ['Pins', Text::number($memory['pinned']), 'values that readers hold where they lie, until their '
                . 'requests end'],
        ]) . ($classes ? '<h3>By size of blocks</h3>' . Chart::classes($classes)
            . "<details><summary>All block sizes</summary>$table</details>" : ''));
    }

    private function segment(): string
    {
        $segment = $this->snapshot->info['segment'];
        $why = $this->snapshot->whyCopies();

        return Html::section('Segment', Html::figures([
            ['File', '<span class="key">' . Html::bytes($segment['path'], 4096) . '</span>',
                'processes of one user with the same cache.segment share it'],
            ['Size', Text::bytes($segment['size']), 'cache.size as it is in force; that of who made the segment'],
            ['File takes', Text::bytes($segment['file_bytes']), 'of its file system'],
            ['Mode', $why === null ? '<span class="badge good">zero-copy</span>' : '<span class="badge '
                . 'warn">copies</span>', $why === null
                ? 'this process reads arrays and strings where they lie, at the address common to all'
                : 'this process copies what it reads: ' . Html::text($why)],
            ['Made', Html::text(Text::time($segment['created'])), Text::ago($segment['created'])
                . '; the counters run since then'],
            ['Fingerprint', '<code>' . Html::bytes($this->snapshot->fingerprint()) . '</code>',
                'of PHP\'s version and build and the file\'s format: another PHP uses another file'],
            ['Shards', Text::number($segment['shards']), 'independent parts, each with a lock of its own'],
        ]));
    }

    private function processes(): string
    {
        $info = $this->snapshot->info;
        $segment = $info['segment'];

        return Html::section('Processes', Html::figures([
            ['Attached', Text::number($segment['processes']), 'of ' . Text::number($segment['processes_max'])
                . ' places (cache.max_processes): workers of PHP-FPM, and the command line'],
            ['Died attached', Text::number($info['recoveries']), 'processes that were killed, say; what they held '
                . 'was taken from them'],
            ['... with a lock', Text::number($info['rebuilds']), 'shards whose free lists and eviction order were '
                . 'made anew'],
            ['Without a place', Text::number($info['guest_operations']), 'operations of processes beyond the limit'
                . ($segment['guest'] ? '; <b>this process is one of them</b>' : '')],
        ]));
    }

    private function counters(): string
    {
        $html = '';
        foreach (Counters::of($this->snapshot->info) as $group => $counters) {
            $rows = [];
            foreach ($counters as $name => [$number, $text]) {
                $class = $number === 0 ? 'zero' : ($group === 'Failures' ? 'bad' : '');
                $rows[] = ['<code>' . Html::text($name) . '</code>', "<span class=\"$class\">"
                    . Text::number($number) . '</span>',
                    Html::text($text)];
            }
            $html .= "<h3>$group</h3>" . Html::figures($rows);
        }

        return Html::section('Operations', $html, 'Counted by all processes since the segment was made.');
    }

    private function histograms(): string
    {
        $histograms = $this->snapshot->info['histograms'];

        return Html::section(
            'Ages',
            '<h3>At a hit: since the hit before, or the store</h3>'
                . Chart::histogram($histograms['hit_idle'], 'Time since the last hit')
                . '<h3>Of entries when they were evicted</h3>'
                . Chart::histogram($histograms['eviction_age'], 'Age at eviction'),
            'Each column is twice as long a time as the one before. If what is evicted is old, the cache is large '
                . 'enough; if hits come from far on the right, more of it would be of use.',
        );
    }

    private function clear(Page $page): string
    {
        $name = Html::text($this->snapshot->segmentName());

        return Html::section('Clear', $page->button(
            'clear',
            [],
            'Clear the cache',
            'danger',
            "<label>Type the name of the segment, <b>$name</b>, to confirm<br><input type=\"text\" name=\"confirm\" "
                . 'autocomplete="off" required></label>',
        ), 'Empties the cache for all of its processes, at once. Jobs, locks and counters stay. Everything is made '
            . 'anew as it is asked for.');
    }

    public static function percent(float $part): string
    {
        return match (true) {
            $part > 0.999 && $part < 1 => '> 99.9 %',
            default => round(100 * $part, 1) . ' %',
        };
    }
}
