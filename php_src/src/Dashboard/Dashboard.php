<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

use SharedCache\Metrics\Prometheus;

/**
 * A page for operators: is the cache well, and what is in it? One URL for all of it, so that it fits everywhere:
 *
 *     $response = (new Dashboard($settings))->handle($request);
 *
 * Reads by default. Nothing of a request is trusted but what $settings say.
 */
final class Dashboard
{
    private const FUNCTIONS = [
        'cache_enabled', 'cache_info', 'cache_key_info', 'cache_fetch_stale', 'cache_delete', 'cache_mark_stale',
        'cache_clear',
        'cache_tag_invalidate', 'cache_lock_info', 'cache_queue_info', 'cache_queue_dead', 'cache_queue_revive',
        'cache_queue_purge', 'cache_inc', 'cache_dec',
    ];

    private readonly Access $access;
    private readonly Layout $layout;

    public function __construct(private readonly Settings $settings)
    {
        $this->access = new Access($settings);
        $this->layout = new Layout();
    }

    public function handle(Request $request): Response
    {
        try {
            $response = match (true) {
                !in_array($request->method, ['GET', 'HEAD', 'POST'], true) => $this->layout
                    ->message('No such method', 'GET shows, POST acts.', 405)->with(['Allow' => 'GET, HEAD, POST']),
                default => $this->access->check($request) ?? $this->answer($request),
            };
        } catch (\Throwable $error) {
            error_log("cache dashboard: $error");
            $response = $this->layout->message(
                'That went wrong',
                'What happened stands in the error log of PHP.',
                500,
            );
        }
        $response = $response->with(Layout::securityHeaders());

        return $request->method === 'HEAD' ? $response->withoutBody() : $response;
    }

    /** For an entry script: settings that are wrong have a page, too, which does not tell them to everybody. */
    public static function misconfigured(SettingsException $error): Response
    {
        error_log('cache dashboard: ' . $error->getMessage());

        return (new Layout())->message(
            'The settings are wrong',
            'Which one stands in the error log of PHP. Nobody is let in until it is right.',
            500,
        )->with(Layout::securityHeaders());
    }

    private function answer(Request $request): Response
    {
        $view = $request->query('view', 'overview');
        if ($view === 'metrics') {
            return $this->metrics();
        }
        $json = $view === 'overview' && $request->query('format') === 'json';
        $absent = $this->absent();
        if ($absent !== null) {
            return $json ? self::json(['enabled' => false, 'reason' => $absent]) : $this->layout->page(
                $this->settings,
                '',
                'The cache is not to be had',
                Html::section('Why', '<p>' . Html::text($absent) . '</p>' . $this->advice()),
            );
        }
        if ($json) {
            return self::json(Snapshot::take()->forScripts());
        }

        return $this->show($request, $view);
    }

    private function show(Request $request, string $name): Response
    {
        $view = match ($name) {
            'overview' => new View\Overview(),
            'entries' => new View\Entries(),
            'entry' => new View\Entry(),
            'tags' => new View\Tags(),
            'queues' => new View\Queues(),
            'locks' => new View\Locks(),
            'config' => new View\Config(),
            default => null,
        };
        if ($view === null) {
            return $this->layout->page($this->settings, '', 'No such page', '<p>The links above lead to what there '
                . 'is.</p>', 404);
        }
        $forms = new Forms($this->settings, $request);
        $page = new Page($this->settings, $request, $forms, $name);
        // A key may be too long for a URL: then it comes by a form without an action.
        if ($request->isPost() && $request->post('do') !== '') {
            $outcome = (new Actions($page))->perform();
            if ($outcome instanceof Response) {
                return $outcome;
            }
            $page = new Page($this->settings, $request, $forms, $name, $outcome);
        }
        $refresh = $view instanceof View\Overview && !$request->isPost() ? $request->number('refresh', 0, 0, 3600) : 0;
        $html = Notices::of($request) . $view->render($page);

        return $this->layout->page(
            $this->settings,
            $name === 'entry' ? 'entries' : $name,
            $view->title($page),
            $html,
            refresh: $refresh,
            again: $refresh === 0 ? [] : $view->again($page),
        )->with($forms->headers());
    }

    private function metrics(): Response
    {
        return $this->settings->metrics
            ? new Response(Prometheus::render(), 200, ['Content-Type' => Prometheus::CONTENT_TYPE])
            : $this->layout->message('No metrics here', Html::text('The setting metrics is off.'), 404);
    }

    /** @return string|null why there is no cache; null: there is */
    private function absent(): ?string
    {
        if (!extension_loaded('cache')) {
            return sprintf(
                'The extension "cache" is not loaded by this PHP (%s, %s).',
                PHP_VERSION,
                PHP_SAPI,
            );
        }
        $missing = array_filter(self::FUNCTIONS, static fn (string $name): bool => !function_exists($name));
        if ($missing) {
            return 'disable_functions, or an extension that is too old, leaves out ' . implode(', ', $missing) . '.';
        }

        return cache_enabled() ? null : 'The cache is disabled: '
            . (cache_info(true)['reason'] ?? 'no reason is known') . '.';
    }

    private function advice(): string
    {
        return '<p class="note">' . Html::text(
            extension_loaded('cache')
                ? 'The error log has the line that says what to do. cache.enable, cache.segment_dir and cache.size '
                    . 'are the settings that matter; a process reads them once.'
                : 'Install it and add extension=cache to ' . (php_ini_loaded_file() ?: 'php.ini')
                . '; then restart PHP.',
        ) . '</p>';
    }

    /** @param array<string, mixed> $fields */
    private static function json(array $fields): Response
    {
        $flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR
            | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION;

        return new Response(json_encode($fields, $flags) . "\n", 200, ['Content-Type' => 'application/json']);
    }
}
