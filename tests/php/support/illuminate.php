<?php
/*
 * Stand-ins for what the bridge uses of Laravel's illuminate/cache, illuminate/contracts and illuminate/support: written from their
 * documentation, so that the tests need no Laravel.
 */
declare(strict_types=1);

namespace Illuminate\Contracts\Cache {
    interface Store
    {
        public function get($key);

        public function many(array $keys);

        public function put($key, $value, $seconds);

        public function putMany(array $values, $seconds);

        public function increment($key, $value = 1);

        public function decrement($key, $value = 1);

        public function forever($key, $value);

        public function touch($key, $seconds);

        public function forget($key);

        public function flush();

        public function getPrefix();
    }

    interface LockProvider
    {
        public function lock($name, $seconds = 0, $owner = null);

        public function restoreLock($name, $owner);
    }

    interface CanFlushLocks
    {
        public function flushLocks(): bool;

        public function hasSeparateLockStore(): bool;
    }
}

namespace Illuminate\Cache {
    abstract class TaggableStore implements \Illuminate\Contracts\Cache\Store
    {
    }

    abstract class Lock
    {
        protected $owner;

        public function __construct(protected $name, protected $seconds, $owner = null)
        {
            $this->owner = $owner ?? bin2hex(random_bytes(8));
        }

        abstract public function acquire();

        abstract public function release();

        abstract protected function getCurrentOwner();

        public function owner()
        {
            return $this->owner;
        }

        public function isOwner()
        {
            return $this->getCurrentOwner() === $this->owner;
        }
    }
}

namespace Illuminate\Support {
    abstract class ServiceProvider
    {
        public function __construct(protected object $app)
        {
        }

        protected function callAfterResolving($name, $callback): void
        {
            $this->app->resolving[$name] = $callback;
        }
    }
}
