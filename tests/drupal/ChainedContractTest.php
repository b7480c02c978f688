<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\shared_cache\Cache\ChainedSharedBackend;

/**
 * The contract for chained bins: over a database whose versions can be had, and over any backend; with and without grace; with our
 * fast backend, another one, or none.
 */
final class ChainedContractTest extends BackendContract
{
    private bool $versions = true;
    private float $grace = 0.0;
    private string $fast = 'shared';
    private bool $oneMachine = false;

    protected function bin(string $bin = 'render'): CacheBackendInterface
    {
        $sqlite = $this->sqlite($bin);
        $fast = match ($this->fast) {
            'shared' => $this->shared($bin),
            'another' => $this->sqlite("fast_$bin"),
            'none' => null,
        };

        return new ChainedSharedBackend($sqlite, $fast, $bin, $this->versions ? $sqlite : null, $this->grace, oneMachine: $this->oneMachine);
    }

    /** Everything again with other settings. */
    public function runBare(): void
    {
        parent::runBare();
        $all = [
            [false, 0.0, 'shared', false],
            [true, 1.0, 'shared', false],
            [false, 1.0, 'shared', false],
            [true, 0.0, 'none', false],
            [true, 0.0, 'another', false],
            [true, 1.0, 'another', false],
            [true, 0.0, 'shared', true],
        ];
        foreach ($all as $settings) {
            [$this->versions, $this->grace, $this->fast, $this->oneMachine] = $settings;
            parent::runBare();
        }
        [$this->versions, $this->grace, $this->fast, $this->oneMachine] = [true, 0.0, 'shared', false];
    }
}
