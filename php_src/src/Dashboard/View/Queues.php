<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard\View;

use SharedCache\Console\Text;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Page;
use SharedCache\Dashboard\Preview;
use SharedCache\Dashboard\View;

/** Jobs: what waits for a worker, and what failed for good. */
final class Queues implements View
{
    private const LETTERS = 100;

    public function title(Page $page): string
    {
        return 'Queues';
    }

    public function render(Page $page): string
    {
        $queues = cache_queue_info();
        ksort($queues, SORT_STRING);
        if (!$queues) {
            return '<section><p>No queue has been used since the segment was made. A worker serves queues: '
                . '<code>cache-worker run</code>.</p></section>';
        }
        $html = '';
        foreach ($queues as $name => $queue) {
            $html .= self::queue($page, (string) $name, $queue);
        }

        return $html;
    }

    /** @param array<string, int|float> $queue */
    private static function queue(Page $page, string $name, array $queue): string
    {
        $number = static fn (string $field, string $class = ''): string => $queue[$field] > 0 && $class !== ''
            ? "<b class=\"$class\">" . Text::number($queue[$field]) . '</b>' : Text::number($queue[$field]);
        $html = Html::figures([
            ['Waiting', $number('waiting'), 'jobs that a worker may take now'],
            ['Oldest', $queue['oldest_age'] > 0 ? Text::duration($queue['oldest_age']) : '–',
                'how long the oldest of them has waited: if it grows, there are too few workers'],
            ['Workers', $queue['workers'] === 0 && $queue['waiting'] > 0 ? '<b class="bad">0</b>'
                : $number('workers'), 'processes that ask for jobs of this queue'],
            ['Delayed', $number('delayed'), 'jobs whose time has not come, or that wait for their next try'],
            ['Running', $number('running'), 'jobs that a worker has'],
            ['Dead letters', $number('dead', 'bad'), 'jobs that failed for the last time (cache.queue_max_attempts)'],
            ['Done', $number('acked'), 'runs that went well'],
            ['Failed', $number('failed'), 'runs that failed'],
            ['Lost', $number('lease_lost'), 'runs whose worker died, or took too long: somebody else did the job'],
            ['Pushed', $number('pushed'), 'jobs that were queued; ' . Text::number($queue['merged'])
                . ' more pushes met a job that waited, '
                . Text::number($queue['again']) . ' one that ran'],
            ['No room', $number('full', 'bad'), 'pushes refused: cache.queue_size jobs were there; '
                . Text::number($queue['dropped'])
                . ' dead letters were dropped for room'],
        ]);
        $letters = $queue['dead'] > 0 ? '<h3>Dead letters</h3>' . self::letters($page, $name) : '';

        return Html::section('<span class="key">' . Html::bytes($name) . '</span>', $html . $letters
            . self::actions($page, $name, $queue));
    }

    private static function letters(Page $page, string $name): string
    {
        $fields = ['queue' => Html::encodeKey($name)];
        if ($page->peek !== 'letters' || $page->request->post('queue') !== $fields['queue']) {
            return $page->canDecode()
                ? '<p>Each has its last error, and a payload, which is decoded with it: if it is an object, code of '
                    . 'its class runs in this process.</p>'
                    . $page->button('letters', $fields, 'Show them, and run that code', 'quiet')
                : '<p class="soft">Payloads may not be decoded here (the settings <code>values</code>, '
                    . '<code>decode</code> and <code>secret</code>): <code>cache-worker failed</code> shows them.</p>';
        }
        $rows = [];
        foreach (cache_queue_dead($name, self::LETTERS) as $letter) {
            $row = [
                '<span class="key">' . Html::bytes($letter['key']) . '</span>',
                Html::text(Text::ago($letter['died_at'])),
                Text::number($letter['attempt']),
                Html::bytes($letter['error']),
                $letter['payload'] === null ? '' : '<details><summary>payload</summary>'
                    . Preview::html($letter['payload']) . '</details>',
            ];
            if ($page->canAct()) {
                $row[] = strlen($letter['key']) > 0
                    ? $page->button('retry', $fields + ['job' => Html::encodeKey($letter['key'])], 'Retry',
                    'quiet small') : '';
            }
            $rows[] = $row;
        }

        return Html::table([['Key', 'key'], ['Died', 's'], ['Runs', 'n'], ['Last error', ''], ['', ''], ['', 's']],
            $rows);
    }

    private static function actions(Page $page, string $name, array $queue): string
    {
        if (!$page->canAct()) {
            return '';
        }
        $fields = ['queue' => Html::encodeKey($name)];
        $sure = '<label class="check"><input type="checkbox" name="sure" value="1" required> sure</label>';
        $html = '';
        if ($queue['dead'] > 0) {
            $html .= $page->button('retry', $fields, 'Queue all dead letters again', 'quiet')
                . $page->button('purge', $fields + ['dead' => 1], 'Throw the dead letters away', 'danger', $sure);
        }
        if ($queue['waiting'] + $queue['delayed'] > 0) {
            $html .= $page->button('purge', $fields + ['dead' => 0], 'Throw away what waits', 'danger', $sure);
        }

        return $html === '' ? '' : "<div class=\"row apart\">$html</div>";
    }
}
