<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\LifecycleHandler;

/** Writes down what it is told. */
final class Handler implements LifecycleHandler
{
    /** @var (\Closure(): void)|null called at each write */
    public ?\Closure $onWrite = null;
    /** @var list<list<mixed>> */
    private array $told = [];

    /** @return list<list<mixed>> what it was told since it was asked last */
    public function take(): array
    {
        [$told, $this->told] = [$this->told, []];

        return $told;
    }

    public function onAfterInsert(object $object, array $new): void
    {
        $this->told[] = ['insert', $object, $new];
        $this->onWrite?->__invoke();
    }

    public function onAfterUpdate(object $object, array $old, array $new): void
    {
        $this->told[] = ['update', $object, $old, $new];
        $this->onWrite?->__invoke();
    }

    public function onAfterRemove(object $object, array $old): void
    {
        $this->told[] = ['remove', $object, $old];
        $this->onWrite?->__invoke();
    }

    public function onAfterLoad(object $object, array $row): void
    {
        $this->told[] = ['load', $object, $row];
    }

    public function onAfterClear(): void
    {
        $this->told[] = ['clear'];
    }
}
