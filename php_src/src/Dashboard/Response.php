<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** An HTTP response. */
final class Response
{
    /** @param array<string, string> $headers */
    public function __construct(
        public readonly string $body,
        public readonly int $status = 200,
        public readonly array $headers = ['Content-Type' => 'text/html; charset=utf-8'],
    ) {
    }

    /** Answers a form: the browser shows that page instead, and a reload does nothing again. */
    public static function redirect(string $to): self
    {
        return new self('', 303, ['Location' => $to]);
    }

    public static function text(string $body, int $status = 200): self
    {
        return new self($body, $status, ['Content-Type' => 'text/plain; charset=utf-8']);
    }

    /** @param array<string, string> $headers those that are there already stay */
    public function with(array $headers): self
    {
        return new self($this->body, $this->status, $this->headers + $headers);
    }

    public function withoutBody(): self
    {
        return new self('', $this->status, $this->headers);
    }

    public function send(): void
    {
        http_response_code($this->status);
        header_remove('X-Powered-By');
        foreach ($this->headers as $name => $value) {
            header("$name: $value");
        }
        echo $this->body;
    }
}
