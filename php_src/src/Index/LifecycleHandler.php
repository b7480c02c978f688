<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What is told of the rows of a kind of objects. Writes are told within the transaction. */
interface LifecycleHandler
{
    /** @param array<string, int|float|string|null> $new */
    public function onAfterInsert(object $object, array $new): void;

    /**
     * @param array<string, int|float|string|null> $old
     * @param array<string, int|float|string|null> $new
     */
    public function onAfterUpdate(object $object, array $old, array $new): void;

    /** @param array<string, int|float|string|null> $old */
    public function onAfterRemove(object $object, array $old): void;

    /** @param array<string, int|float|string|null> $row */
    public function onAfterLoad(object $object, array $row): void;

    /** The objects that were loaded are forgotten. */
    public function onAfterClear(): void;
}
