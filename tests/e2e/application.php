<?php
/*
 * The application of these tests: pages whose data are slow to make. What happens is written to a folder, from where the test also
 * rules how: `source` is the truth, `gate` stops builders while it exists, `delay` is how long they take in microseconds.
 */
declare(strict_types=1);

require_once __DIR__ . '/../../php_src/autoload.php';

use SharedCache\Rebuild\Context;
use SharedCache\Rebuild\Registry;

final class Application
{
    public const QUEUE = 'pages';

    public function __construct(private readonly string $folder)
    {
    }

    /** @param array<string, mixed> $event */
    public function note(array $event): void
    {
        $event += ['time' => hrtime(true), 'pid' => getmypid(), 'sapi' => PHP_SAPI];
        file_put_contents("$this->folder/events", json_encode($event) . "\n", FILE_APPEND | LOCK_EX);
    }

    /** @return array{version: int, pid: int} */
    public function build(string $key): array
    {
        $version = (int) file_get_contents("$this->folder/source");
        $this->note(['event' => 'begins', 'key' => $key, 'version' => $version]);
        clearstatcache();
        while (file_exists("$this->folder/gate")) {
            usleep(1000);
            clearstatcache();
        }
        usleep((int) @file_get_contents("$this->folder/delay"));
        $this->note(['event' => 'ends', 'key' => $key, 'version' => $version]);

        return ['version' => $version, 'pid' => getmypid()];
    }

    public function registry(): Registry
    {
        $loader = fn (Context $context): array => $this->build($context->key);

        return (new Registry())
            ->add(self::QUEUE, 'page:short:{name}', $loader, ttl: 0.3, staleTtl: 3600)
            ->add(self::QUEUE, 'page:ahead:{name}', $loader, ttl: 60, staleTtl: 3600, refreshAhead: 59.5)
            ->add(self::QUEUE, 'page:{name}', $loader, ttl: 3600, staleTtl: 3600);
    }
}
