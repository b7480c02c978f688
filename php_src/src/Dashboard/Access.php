<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** Decides who is let in. */
final class Access
{
    public function __construct(
        private readonly Settings $settings,
        private readonly Throttle $throttle = new Throttle(),
    ) {
    }

    /** @return Response|null what keeps the visitor out; null: he may come in */
    public function check(Request $request): ?Response
    {
        if (!$this->settings->isConfigured()) {
            return self::refusal(
                'Nobody has been let in yet',
                'This dashboard answers nobody until the site says who may see it. Give it the hash of a password - '
                    . 'CACHE_DASHBOARD_PASSWORD_HASH in the environment of PHP, or passwordHash in the PHP file '
                    . 'that CACHE_DASHBOARD_CONFIG names - or put it behind the login of the site. '
                    . 'docs/dashboard.md describes both.',
            );
        }
        if ($this->settings->allow !== null && !($this->settings->allow)($request)) {
            return self::refusal('Not for you', 'The site does not let you see this page.');
        }

        return $this->settings->passwordHash === null ? null : $this->checkPassword($request);
    }

    /**
     * A try is counted before the password is looked at: of many at the same time no more are looked at than of many
     * in a row. The name is compared, and the hash computed, whatever comes of the other.
     */
    private function checkPassword(Request $request): ?Response
    {
        if ($request->user === null || $request->password === null) {
            return self::login();
        }
        $wait = $this->throttle->begin($request->address);
        if ($wait > 0) {
            return self::refusal(
                'Too many tries',
                'From this address there were too many wrong passwords. Try again later.',
                429,
            )->with(['Retry-After' => (string) $wait]);
        }
        $isName = hash_equals(hash('sha256', $this->settings->user), hash('sha256', $request->user));
        $isPassword = password_verify($request->password, (string) $this->settings->passwordHash);
        if (!($isName & $isPassword)) {
            return self::login();
        }
        $this->throttle->succeeded($request->address);

        return null;
    }

    private static function login(): Response
    {
        return self::refusal('Who is it?', 'Name and password are needed.', 401)
            ->with(['WWW-Authenticate' => 'Basic realm="cache", charset="UTF-8"']);
    }

    private static function refusal(string $title, string $sentence, int $status = 403): Response
    {
        return (new Layout())->message($title, Html::text($sentence), $status);
    }
}
