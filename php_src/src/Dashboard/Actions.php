<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What visitors may do, by forms that were made for them. */
final class Actions
{
    private const KEYS = 1000;

    public function __construct(private readonly Page $page)
    {
    }

    /** @return Response|string where to go, or what is wrong; a word: what the visitor wants to see, see Page::$peek */
    public function perform(): Response|string
    {
        $refusal = $this->page->forms->refuse();
        if ($refusal !== null) {
            return self::refusal($refusal);
        }
        $do = $this->page->request->post('do');
        if ($do === 'value' || $do === 'letters') {
            return $this->page->canDecode() ? $do : self::refusal('The settings let nobody decode values here.');
        }
        if (!$this->page->canAct()) {
            return self::refusal('This dashboard only shows: the setting actions is off.');
        }

        return match ($do) {
            'delete' => $this->keys('deleted', cache_delete(...)),
            'stale' => $this->keys('marked', cache_mark_stale(...)),
            'tag' => $this->invalidate(),
            'retry' => $this->retry(),
            'purge' => $this->purge(),
            'clear' => $this->clear(),
            default => self::refusal('There is no such action.', 400),
        };
    }

    /** @param \Closure(list<string>): list<string> $function returns those that were not there */
    private function keys(string $done, \Closure $function): Response
    {
        $post = $this->page->request->post;
        $texts = is_array($post['keys'] ?? null) ? array_filter($post['keys'], is_string(...))
            : [$this->page->request->post('k')];
        $keys = array_values(array_unique(array_map(Html::decodeKey(...), array_slice($texts, 0, self::KEYS))));
        if (!$keys || in_array(null, $keys, true)) {
            return self::refusal($keys ? 'That is no key.' : 'No entry was chosen.', 400);
        }

        return $this->done('entries', $done, count($keys) - count($function($keys)), $this->back());
    }

    private function invalidate(): Response
    {
        $request = $this->page->request;
        $tag = $request->post('tag64') !== '' ? Html::decodeKey($request->post('tag64')) : $request->post('tag');
        if ($tag === null || $tag === '' || strlen($tag) > 255) {
            return self::refusal('A tag has 1 to 255 bytes.', 400);
        }

        return $this->done('tags', 'invalidated', cache_tag_invalidate($tag, $request->post('hard') === '1'));
    }

    private function retry(): Response
    {
        $queue = $this->queue();
        $job = $this->page->request->post('job');
        $key = $job === '' ? null : Html::decodeKey($job);
        if ($queue === null || ($job !== '' && $key === null)) {
            return self::refusal('There is no such queue or job.', 400);
        }

        return $this->done('queues', 'revived', cache_queue_revive($queue, $key));
    }

    private function purge(): Response
    {
        $queue = $this->queue();
        if ($queue === null) {
            return self::refusal('There is no such queue.', 400);
        }
        if ($this->page->request->post('sure') !== '1') {
            return self::refusal('You were not sure.', 400);
        }

        return $this->done('queues', 'purged', cache_queue_purge($queue, $this->page->request->post('dead') === '1'));
    }

    private function clear(): Response
    {
        if ($this->page->request->post('confirm') !== Snapshot::take()->segmentName()) {
            return self::refusal('That is not the name of the segment: nothing was cleared.', 400);
        }

        return $this->done('overview', 'cleared', (int) cache_clear());
    }

    private function queue(): ?string
    {
        $queue = Html::decodeKey($this->page->request->post('queue'));

        return $queue !== null && array_key_exists($queue, cache_queue_info()) ? $queue : null;
    }

    /** @return array<string, string> of the search that the visitor came from: nothing but parameters that it knows */
    private function back(): array
    {
        parse_str($this->page->request->post('back'), $query);

        return array_filter(
            array_intersect_key($query, array_flip(['q', 'match', 'state', 'tag', 'page', 'sort', 'dir'])),
            is_string(...),
        );
    }

    /** @param array<string, string> $more */
    private function done(string $view, string $done, int $count, array $more = []): Response
    {
        return Response::redirect(Html::url(['view' => $view, 'done' => $done, 'count' => $count] + $more));
    }

    private static function refusal(string $sentence, int $status = 403): Response
    {
        return (new Layout())->message('That was not done', Html::text($sentence) . ' '
            . Html::link(['view' => 'overview'], 'Back'), $status);
    }
}
