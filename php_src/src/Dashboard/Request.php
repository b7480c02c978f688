<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What the dashboard has to know of an HTTP request. Frameworks fill it from theirs. */
final class Request
{
    /**
     * @param array<array-key, mixed> $query of the URL; `view` names the page
     * @param array<array-key, mixed> $post fields of a form that was sent
     * @param array<array-key, mixed> $cookies
     * @param string $path of the dashboard's URL: its cookie goes there, and nowhere else
     * @param string $visitor whoever the application knows it is - a session's id, or a user's: forms belong to
     *        that visitor. Empty: the dashboard tells visitors apart by a cookie of its own
     * @param string|null $user, $password of HTTP Basic
     * @param string $address the visitor's; tries of passwords are counted by it
     * @param string|null $fetchSite the header Sec-Fetch-Site
     */
    public function __construct(
        public readonly string $method = 'GET',
        public readonly array $query = [],
        public readonly array $post = [],
        public readonly array $cookies = [],
        public readonly string $path = '/',
        public readonly bool $secure = false,
        public readonly string $visitor = '',
        public readonly ?string $user = null,
        #[\SensitiveParameter]
        public readonly ?string $password = null,
        public readonly string $address = '',
        public readonly ?string $fetchSite = null,
    ) {
    }

    public static function fromGlobals(): self
    {
        $server = $_SERVER;

        return new self(
            $server['REQUEST_METHOD'] ?? 'GET',
            $_GET,
            $_POST,
            $_COOKIE,
            explode('?', $server['REQUEST_URI'] ?? '/', 2)[0],
            ($server['HTTPS'] ?? '') !== '' && strtolower($server['HTTPS']) !== 'off',
            '',
            $server['PHP_AUTH_USER'] ?? null,
            $server['PHP_AUTH_PW'] ?? null,
            $server['REMOTE_ADDR'] ?? '',
            $server['HTTP_SEC_FETCH_SITE'] ?? null,
        );
    }

    public function isPost(): bool
    {
        return $this->method === 'POST';
    }

    /** A parameter of the URL; what was sent as an array is none. */
    public function query(string $name, string $default = ''): string
    {
        return is_string($this->query[$name] ?? null) ? $this->query[$name] : $default;
    }

    /** A field of a form. */
    public function post(string $name, string $default = ''): string
    {
        return is_string($this->post[$name] ?? null) ? $this->post[$name] : $default;
    }

    public function number(string $name, int $default, int $min, int $max): int
    {
        $value = filter_var($this->query($name), FILTER_VALIDATE_INT);

        return $value === false ? $default : max($min, min($max, $value));
    }
}
