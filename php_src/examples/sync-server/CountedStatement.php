<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Examples\SyncServer;

/** Counts what the database is asked by this process. */
final class CountedStatement extends \PDOStatement
{
    public static int $executed = 0;

    protected function __construct()
    {
    }

    public function execute(?array $params = null): bool
    {
        self::$executed++;

        return parent::execute($params);
    }
}
