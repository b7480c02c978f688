<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** The frame of all pages. There is no script in them, and nothing is loaded from anywhere. */
final class Layout
{
    private const VIEWS = [
        'overview' => 'Overview', 'entries' => 'Entries', 'tags' => 'Tags', 'queues' => 'Queues', 'locks' => 'Locks',
        'config' => 'Settings',
    ];
    private const ICON = 'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E'
        . '%3Crect width=%2216%22 height=%2216%22 rx=%224%22 fill=%22%232f6fde%22/%3E%3Cpath d=%22M4 5h8M4 8h8M4 '
        . '11h5%22 stroke=%22white%22 stroke-width=%222%22 stroke-linecap=%22round%22/%3E%3C/svg%3E';

    /** @return array<string, string> */
    public static function securityHeaders(): array
    {
        // The style is named by its hash; anything else that got into a page would neither run nor load.
        $style = base64_encode(hash('sha256', self::style(), true));

        return [
            'Content-Security-Policy' => "default-src 'none'; style-src 'sha256-$style'; img-src data:; "
                . "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            'X-Frame-Options' => 'DENY',
            'X-Content-Type-Options' => 'nosniff',
            'Cache-Control' => 'no-store',
            // Not no-referrer: browsers would then send forms with "Origin: null", which proxies may refuse.
            'Referrer-Policy' => 'same-origin',
            'Cross-Origin-Resource-Policy' => 'same-origin',
            'X-Robots-Tag' => 'noindex, nofollow',
        ];
    }

    /**
     * @param string $view the one that is open
     * @param int $refresh seconds after which the browser loads $again; 0: never
     * @param array<string, string|int> $again
     */
    public function page(
        Settings $settings,
        string $view,
        string $title,
        string $html,
        int $status = 200,
        int $refresh = 0,
        array $again = [],
    ): Response {
        $links = '';
        foreach (self::VIEWS as $name => $text) {
            $links .= Html::link(['view' => $name], $text, $name === $view ? 'here' : '');
        }
        $host = Html::text($settings->title());
        $mode = $settings->actions ? '' : '<span class="badge" title="The setting actions is off">read only</span>';
        $head = $refresh === 0 ? '' : sprintf(
            '<meta http-equiv="refresh" content="%d;url=%s">',
            $refresh,
            Html::text(Html::url($again)),
        );
        $body = "<header><div class=\"wide\"><p class=\"brand\"><b>cache</b> $host $mode</p>"
            . "<nav>$links</nav></div></header>"
            . "<main class=\"wide\"><h1>$title</h1>$html</main>"
            . '<footer class="wide">' . Html::text(date('Y-m-d H:i:s T')) . ' · PHP '
            . Html::text(PHP_VERSION . ', ' . PHP_SAPI)
            . (extension_loaded('cache') ? ' · cache ' . Html::text((string) phpversion('cache')) : '') . '</footer>';

        return new Response($this->document("$title · cache on $host", $body, $head), $status);
    }

    /** For whoever has not been let in, too: says nothing of the machine. */
    public function message(string $title, string $html, int $status): Response
    {
        $title = Html::text($title);
        $body = "<main class=\"narrow\"><h1>$title</h1><p>$html</p></main>";

        return new Response($this->document("$title · cache", $body), $status);
    }

    private function document(string $title, string $body, string $head = ''): string
    {
        return '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>' . $title . '</title>'
            . '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
            . 'content="light dark">'
            . '<link rel="icon" href="' . self::ICON . '">' . $head . '<style>' . self::style()
            . '</style></head><body>'
            . $body . '</body></html>';
    }

    private static function style(): string
    {
        static $style;

        return $style ??= (string) file_get_contents(__DIR__ . '/style.css');
    }
}
