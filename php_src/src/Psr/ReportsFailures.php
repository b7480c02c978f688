<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Psr;

use SharedCache\Log\Logger;

/**
 * What a cache must not throw, since an application works without it: a value that cannot be cached, a class that fails to
 * come back. It is logged, by default where PHP's errors go.
 *
 * @internal
 */
trait ReportsFailures
{
    private readonly ?Logger $logger;

    protected function report(string $what, string $key, \Throwable $error): void
    {
        if ($this->logger !== null) {
            $this->logger->log('warning', 'cache: "{key}" {what}: {reason}', [
                'event' => 'failed',
                'key' => $key,
                'what' => $what,
                'reason' => $error->getMessage(),
                'exception' => $error,
            ]);
        } else {
            \error_log(\sprintf('cache: "%s" %s: %s', \addcslashes($key, "\0..\37\177"), $what, $error->getMessage()));
        }
    }
}
