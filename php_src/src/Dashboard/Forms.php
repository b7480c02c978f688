<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/**
 * Signs the forms of a visitor: nobody else can make one that he would send unknowingly. A token is the time and an
 * HMAC of it, of the visitor, and of his cookie (or what the application calls him).
 */
final class Forms
{
    public const FIELD = 'token';
    public const COOKIE = 'cache_dashboard';
    private const SECONDS = 12 * 3600;

    private readonly string $id;
    private readonly bool $isNew;

    public function __construct(private readonly Settings $settings, private readonly Request $request)
    {
        $cookie = $request->cookies[self::COOKIE] ?? null;
        $known = is_string($cookie) && preg_match('~^[0-9a-f]{32}$~D', $cookie) === 1;
        $this->isNew = $request->visitor === '' && !$known;
        $this->id = match (true) {
            $request->visitor !== '' => "visitor\0$request->visitor",
            $known => "cookie\0$cookie",
            default => "cookie\0" . bin2hex(random_bytes(16)),
        };
    }

    /** Can there be forms at all? */
    public function exist(): bool
    {
        return $this->settings->hasSecret();
    }

    /** @return array<string, string> what a response must have, so that its forms hold */
    public function headers(): array
    {
        if (!$this->isNew || !$this->exist()) {
            return [];
        }
        // A path with such bytes would end the attribute.
        $path = preg_match('~^/[^;,\s\x00-\x1f\x7f]*$~D', $this->request->path) ? $this->request->path : '/';
        $cookie = self::COOKIE . '=' . substr($this->id, 7) . "; Path=$path; HttpOnly; SameSite=Strict";

        return ['Set-Cookie' => $cookie . ($this->request->secure ? '; Secure' : '')];
    }

    public function token(): string
    {
        return $this->sign(time());
    }

    /** @return string|null what is wrong with a form that was sent; null: nothing */
    public function refuse(): ?string
    {
        if ($this->request->fetchSite !== null && $this->request->fetchSite !== 'same-origin') {
            return 'The form comes from another site.';
        }
        if ($this->isNew) {
            return 'The form came without this page\'s cookie. Allow it, load the page anew and try again.';
        }
        $token = $this->request->post(self::FIELD);
        // Not (int) $token, which reads "17.2e4" as 172000.
        $time = (int) strstr($token, '.', true);
        if (!$this->exist() || !hash_equals($this->sign($time), $token)) {
            return 'The form was not made by this page for you. Load the page anew and try again.';
        }

        return $time > time() || $time < time() - self::SECONDS
            ? 'The form is too old. Load the page anew and try again.'
            : null;
    }

    private function sign(int $time): string
    {
        $text = "$time\0{$this->request->user}\0$this->id";

        return "$time." . hash_hmac('sha256', $text, $this->settings->signingKey());
    }
}
