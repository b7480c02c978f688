<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\shared_cache\Cache\ChainedSharedBackend;

/** The contract for chained bins: over a database whose versions can be had, and over any backend, with and without grace. */
final class ChainedContractTest extends BackendContract
{
    private bool $versions = true;
    private float $grace = 0.0;
    private bool $withoutFast = false;
    private bool $oneMachine = false;

    protected function bin(string $bin = 'render'): CacheBackendInterface
    {
        $sqlite = $this->sqlite($bin);
        $fast = $this->withoutFast ? null : $this->shared($bin);

        return new ChainedSharedBackend($sqlite, $fast, $bin, $this->versions ? $sqlite : null, $this->grace, oneMachine: $this->oneMachine);
    }

    /** Everything again with other settings. */
    public function runBare(): void
    {
        parent::runBare();
        $all = [
            [false, 0.0, false, false],
            [true, 1.0, false, false],
            [false, 1.0, false, false],
            [true, 0.0, true, false],
            [true, 0.0, false, true],
        ];
        foreach ($all as $settings) {
            [$this->versions, $this->grace, $this->withoutFast, $this->oneMachine] = $settings;
            parent::runBare();
        }
        [$this->versions, $this->grace, $this->withoutFast, $this->oneMachine] = [true, 0.0, false, false];
    }
}
