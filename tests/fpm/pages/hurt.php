<?php
/*
 * A page that is in the midst of something when its time or its memory is over. way: of what; note: a file for its process
 * id, written when it begins.
 */
declare(strict_types=1);

require_once __DIR__ . '/common.php';

function forever(): never
{
    for (;;) {
        hash('xxh32', 'busy');
    }
}

function devour(int $piece = 100_000): never
{
    for ($eaten = [];;) {
        $eaten[] = str_repeat('x', $piece) . count($eaten);
    }
}

$ways = [
    /* ---- time: sleeping or waiting in a call; `held` is a lock and a lease of a process that lives ---- */
    'wait for a lock' => static fn () => cache_lock_for_write('held', 600),
    'wait for a lock to read' => static fn () => cache_lock_for_read('held', 600),
    'wait for a lease' => static fn () => cache_compute('held lease', static fn () => 1, wait: 600),
    'wait for a merge' => static fn () => cache_merge('held merge', static function (mixed $old): int {
        cache_store('held merge', random_int(0, PHP_INT_MAX)); // somebody always comes in between

        return 1;
    }, wait: 600),
    'wait for a job' => static fn () => cache_queue_pop('nothing', 600),
    'sleep in a builder' => static fn () => cache_compute('built', static fn () => sleep(600)),
    'sleep while a value is decoded' => static function (): void {
        Wrapped::$onUnserialize = static fn () => sleep(600);
        cache_fetch('still wrapped');
    },
    'sleep with values, a lease, a lock and a job' => static function (): void {
        takeAll();
        sleep(600);
    },
    /* ---- time: busy ---- */
    'run in a builder' => static fn () => cache_compute('built', forever(...)),
    'run in a merge' => static fn () => cache_merge('merging', forever(...)),
    'run while a value is decoded' => static function (): void {
        Wrapped::$onUnserialize = forever(...);
        cache_fetch('still wrapped');
    },
    'run after the response' => static function (): void {
        cache_store('put off', 'old', 0.001, 60);
        usleep(2000);
        cache_compute('put off', forever(...), ttl: 60, stale_ttl: 60);
    },
    'run with values, a lease, a lock and a job' => static function (): void {
        takeAll();
        forever();
    },
    'store' => static function (): void {
        for ($i = 0;; $i = ($i + 1) % 500) {
            cache_store("churn:$i", str_repeat('c', $i * 7));
            cache_inc('churn');
        }
    },
    'iterate' => static function (): void {
        for (;;) {
            foreach (new Cache\EntryIterator(values: true, chunk: 7) as $entry) {
                strlen((string) $entry['key']);
            }
        }
    },
    'fetch' => static function (): void {
        for (;;) {
            cache_fetch(['still rows', 'still node', 'still wrapped', 'still text', 'still date']);
        }
    },
    /* ---- memory ---- */
    'fetch a long text' => static fn () => strrev(cache_fetch('long text') . 'x'),
    'fetch a large array' => static fn () => cache_fetch('large array'),
    'fetch large objects' => static fn () => cache_fetch('large graph'),
    'fetch what is serialized' => static fn () => cache_fetch('large wrapped'),
    'fetch again and again' => static function (): void {
        for ($held = [];;) {
            $held[] = cache_fetch('still node');
        }
    },
    'fetch entries' => static function (): void {
        for ($held = [];;) {
            $held[] = cache_fetch_entries(['still node', 'still rows', 'still wrapped']);
        }
    },
    'info' => static function (): void {
        for ($held = [];;) {
            $held[] = cache_info();
        }
    },
    'iterate in one chunk' => static function (): void {
        foreach (new Cache\EntryIterator(values: true, chunk: 1_000_000) as $entry) {
            strlen((string) $entry['key']);
        }
    },
    'fill in a builder' => static fn () => cache_compute('built', static fn () => devour()),
    'fill in a merge' => static fn () => cache_merge('merging', static fn () => devour()),
    'fill while a value is decoded' => static function (): void {
        Wrapped::$onUnserialize = static fn () => devour(1000);
        cache_fetch('still wrapped');
    },
    'fill after the response' => static function (): void {
        cache_store('put off', 'old', 0.001, 60);
        usleep(2000);
        cache_compute('put off', static fn () => devour(), ttl: 60, stale_ttl: 60);
    },
    'fill with values, a lease, a lock and a job' => static function (): void {
        takeAll();
        devour();
    },
    'store what is serialized' => static function (): void {
        $text = str_repeat('s', 3_000_000);
        cache_store('serialized', [new Wrapped(1, $text), new Wrapped(2, $text . '2'), new Wrapped(3, $text . '3')]);
    },
    'take a large job' => static function (): void {
        for ($held = [];; $held[] = cache_queue_pop('large')) {
            cache_queue_push('large', 'job' . count($held), str_repeat('p', 40_000));
        }
    },
];

/** What has to be given back at the end of the request, however it ends. */
function takeAll(): void
{
    global $taken;
    $taken = [cache_fetch('still rows'), cache_fetch('still text'), cache_fetch('still node')];
    expect(cache_lease('mine', 600) > 0, 'a lease');
    expect(cache_lock_for_write('mine', 5) !== false, 'a lock');
    cache_queue_push('mine', 'job');
    expect(cache_queue_pop('mine', 20, 1) !== null, 'a job'); // it may be finished by another request: only its lease ends it
    if (violations()) {
        error_log('hurt.php: ' . implode('; ', violations()));
    }
}

register_shutdown_function(static function (): void {
    error_log("hurt.php: shutdown of $_GET[way]");
});
if (isset($_GET['note'])) {
    file_put_contents("$_GET[note].new", (string) getmypid());
    rename("$_GET[note].new", $_GET['note']);
}
$ways[$_GET['way']]();
echo json_encode(['end' => 'reached', 'way' => $_GET['way']]);
