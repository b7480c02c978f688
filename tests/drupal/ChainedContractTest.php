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

    protected function bin(string $bin = 'render'): CacheBackendInterface
    {
        $sqlite = $this->sqlite($bin);
        $fast = $this->withoutFast ? null : $this->shared($bin);

        return new ChainedSharedBackend($sqlite, $fast, $bin, $this->versions ? $sqlite : null, $this->grace);
    }

    /** Everything again with other settings. */
    public function runBare(): void
    {
        parent::runBare();
        foreach ([[false, 0.0, false], [true, 1.0, false], [false, 1.0, false], [true, 0.0, true]] as $settings) {
            [$this->versions, $this->grace, $this->withoutFast] = $settings;
            parent::runBare();
        }
        [$this->versions, $this->grace, $this->withoutFast] = [true, 0.0, false];
    }
}
