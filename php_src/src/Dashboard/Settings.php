<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What a site has decided on. Without any of it nobody is let in, and nothing can be changed. */
final class Settings
{
    public readonly ?\Closure $allow;

    /**
     * @param string|null $passwordHash of password_hash(): visitors log in by HTTP Basic
     * @param string $user the name that they give then
     * @param bool $trusted everybody who gets here is let in: the site, or the web server, has seen to that
     * @param callable|null $allow fn(Request): bool, the application's own check
     * @param bool $actions may visitors change things: delete, mark as stale, invalidate, retry, purge, clear?
     * @param string|null $secret at least 16 bytes, by which forms are signed; null: made of $passwordHash, if
     *        there is one
     * @param bool $values may visitors see values?
     * @param bool $decode ... those, too, whose decoding may run code of their classes: arrays and objects
     * @param bool $metrics is there a page for Prometheus?
     * @param string|null $title to tell several of them apart; null: the host's name
     * @param int $pageSize entries on a page
     * @param float $walkSeconds how long a search may take
     * @throws SettingsException
     */
    public function __construct(
        #[\SensitiveParameter]
        public readonly ?string $passwordHash = null,
        public readonly string $user = 'admin',
        public readonly bool $trusted = false,
        ?callable $allow = null,
        public readonly bool $actions = false,
        #[\SensitiveParameter]
        public readonly ?string $secret = null,
        public readonly bool $values = true,
        public readonly bool $decode = true,
        public readonly bool $metrics = false,
        public readonly ?string $title = null,
        public readonly int $pageSize = 50,
        public readonly float $walkSeconds = 2.0,
    ) {
        $this->allow = $allow === null ? null : $allow(...);
        if ($passwordHash !== null && password_get_info($passwordHash)['algo'] === null) {
            throw new SettingsException('passwordHash is no hash of password_hash(): a password itself is never '
                . 'configured. Make one with `php -r \'echo password_hash("...", PASSWORD_DEFAULT);\'`.');
        }
        if ($secret !== null && strlen($secret) < 16) {
            throw new SettingsException('secret must have at least 16 bytes: make one with `php -r \'echo '
                . 'bin2hex(random_bytes(32));\'`.');
        }
        if ($actions && !$this->hasSecret()) {
            throw new SettingsException('actions need a secret, by which forms are signed: set secret.');
        }
        if ($pageSize < 1 || $pageSize > 500) {
            throw new SettingsException('pageSize must be between 1 and 500.');
        }
        if (!($walkSeconds > 0 && $walkSeconds <= 60)) {
            throw new SettingsException('walkSeconds must be above 0, and 60 at most.');
        }
    }

    /**
     * @param array<array-key, mixed> $settings the constructor's parameters by name
     * @throws SettingsException
     */
    public static function fromArray(#[\SensitiveParameter] array $settings): self
    {
        $parameters = [];
        foreach ((new \ReflectionMethod(self::class, '__construct'))->getParameters() as $parameter) {
            $parameters[$parameter->name] = $parameter->getType();
        }
        foreach ($settings as $name => $value) {
            if (!isset($parameters[$name])) {
                throw new SettingsException("There is no setting \"$name\"; there are: "
                    . implode(', ', array_keys($parameters)) . '.');
            }
            if ($name === 'walkSeconds' && is_int($value)) {
                $settings[$name] = (float) $value;
            }
        }
        try {
            return new self(...$settings);
        } catch (\TypeError $error) {
            // "...::__construct(): Argument #5 ($actions) must be of type bool, string given, called in ..."
            throw new SettingsException(
                preg_match('~\(\$(\w+)\) (must be [^,]+, \w+ given)~', $error->getMessage(), $match)
                    ? "$match[1] $match[2]."
                    : 'A setting has the wrong type.',
            );
        }
    }

    /** Is anybody let in? */
    public function isConfigured(): bool
    {
        return $this->passwordHash !== null || $this->trusted || $this->allow !== null;
    }

    public function hasSecret(): bool
    {
        return $this->secret !== null || $this->passwordHash !== null;
    }

    /** The key of signatures. The hash of a password is as secret as the password. */
    public function signingKey(): string
    {
        return hash('sha256', "cache dashboard\0" . ($this->secret ?? $this->passwordHash), true);
    }

    public function title(): string
    {
        return $this->title ?? (gethostname() ?: 'this machine');
    }
}
