<?php
/*
 * Values at random, stored in every way and fetched by four processes: what comes back is what was stored, or, of what goes
 * through a serializer, what unserialize() makes of it. Meanwhile what is stored is moved, replaced and evicted, and what was
 * fetched is written to and kept.
 *
 *   php -d extension=FILE ... graphs.php --extension=FILE [--seed=N] [--seconds=N]
 */
declare(strict_types=1);

require __DIR__ . '/graphs.inc';

const KEYS = 150;

/** Something was found, or cannot be tried. */
function fail(string $text): never
{
    echo $text;
    exit(1);
}

function digest(mixed $value): string
{
    return md5(GraphText::of($value));
}

/** Another process, which fetches what it is asked for and tells what it is. */
final class GraphReader
{
    /** @var resource */
    private $process;
    /** @var list<resource> */
    private array $pipes = [];

    public function __construct(string $extension, private readonly string $mode)
    {
        $command = [PHP_BINARY, '-n', '-d', "extension=$extension", '-d', "cache.zero_copy=$mode"];
        foreach (['cache.segment', 'cache.segment_dir', 'cache.size'] as $name) {
            $command[] = '-d';
            $command[] = "$name=" . ini_get($name);
        }
        $command = [...$command, __FILE__, '--read'];
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w']], $this->pipes);
    }

    /** Null: it is not there. */
    public function digest(string $key): ?string
    {
        fwrite($this->pipes[0], "$key\n");
        $answer = fgets($this->pipes[1]);
        if ($answer === false) {
            fail("the process that reads with cache.zero_copy=$this->mode has ended, " . json_encode(proc_get_status($this->process)) . "\n");
        }

        return trim($answer) === '' ? null : trim($answer);
    }
}

/** What the reader does: with values of ten fetches at a time in hand. */
function answer_reader(): never
{
    $held = [];
    while (($key = fgets(STDIN)) !== false) {
        $value = cache_fetch(trim($key), $success);
        $held = array_slice([...$held, $value], -10);
        echo $success ? digest($value) : '', "\n";
    }
    exit(0);
}

/** Fetches in one of the ways. */
function take(string $key, ?bool &$success): mixed
{
    switch (mt_rand(0, 7)) {
        case 0:
            $found = cache_fetch([$key, 'of nobody']);
            $success = array_key_exists($key, $found);

            return $found[$key] ?? null;
        case 1:
            $value = cache_gets($key, $token);
            $success = $token !== 0;

            return $value;
        case 2:
            $entry = cache_fetch_entries([$key])[$key] ?? null;
            $success = $entry !== null;

            return $entry['value'] ?? null;
        case 3:
            $value = cache_fetch_stale($key, $state);
            $success = $state !== CACHE_STATE_MISSING;

            return $value;
        case 4:
            foreach (new Cache\EntryIterator(null, '/^' . $key . '$/D', true) as $entry) {
                $success = true;

                return $entry['value'];
            }
            $success = false;

            return null;
        case 5:
            $success = false;
            $value = null;
            cache_merge($key, static function (mixed $old, bool $found) use (&$value, &$success): string {
                [$value, $success] = [$old, $found];

                return CACHE_KEEP;
            });

            return $value;
        default:
            return cache_fetch($key, $success);
    }
}

/** Stores in one of the ways. False: there was no room. */
function store(string $key, mixed $value): bool
{
    switch (mt_rand(0, 8)) {
        case 0:
            return cache_store([$key => $value]) === [];
        case 1:
            cache_gets($key, $token);

            return cache_cas_store($key, (int) $token, $value);
        case 2:
            cache_delete($key);

            return cache_add($key, $value);
        case 3:
            cache_merge($key, static fn(): mixed => $value);

            return true;
        case 4:
            return cache_store_if_changed($key, $value) > 0;
        case 5:
            return cache_store($key, $value, 0, 0, ['graphs']);
        case 6:
            cache_delete($key);

            return cache_commit($key, cache_lease($key), $value);
        case 7:
            cache_delete($key);
            cache_compute($key, static fn(): mixed => $value);

            return true;
        default:
            return cache_store($key, $value);
    }
}

/** Through the queue, in which payloads are serialized. @param list<string> $wanted */
function carry(mixed $value, array $wanted, string $where): void
{
    try {
        $pushed = cache_queue_push('graphs', 'one', $value);
    } catch (Cache\UnstorableException | ValueError $e) {
        if (strlen(serialize($value)) <= 65535) {
            fail("$where is refused as a payload: {$e->getMessage()}\n");
        }
        return;
    }
    $job = cache_queue_pop('graphs');
    if ($pushed !== 1 || $job === null || !in_array(digest($job['payload']), $wanted, true) || !cache_queue_ack($job['id'], $job['token'])) {
        fail("$where is another one as a payload\n");
    }
}

/** Nothing that a script does to what it has fetched gets into the cache. Objects that were seen are not visited again. */
function spoil(mixed &$value, array &$seen): void
{
    if (is_object($value)) {
        if (!isset($seen[spl_object_id($value)]) && !$value instanceof UnitEnum) {
            $seen[spl_object_id($value)] = $value;
            spoil_object($value, $seen);
        }
    } elseif (is_array($value)) {
        foreach (array_keys($value) as $key) {
            if (ReflectionReference::fromArrayElement($value, $key)) {
                unset($value[$key]); // it could lead in circles, or be that of a typed property
                continue;
            }
            spoil($value[$key], $seen);
            $value[$key] = 'spoilt';
        }
        $value['one more'] = 'spoilt';
        ksort($value);
    } elseif (is_string($value) && $value !== '') {
        $value[0] = '!';
    }
}

/** What PHP itself and its functions do with objects, to their properties. */
function spoil_object(object $object, array &$seen): void
{
    try {
        $other = clone $object;
        $array = (array) $object;
        foreach (get_object_vars($object) as $name => $_) {
            $all = get_object_vars($other);
            $copy = $all[$name];
            spoil($copy, $seen);
            switch (mt_rand(0, 3)) {
                case 0:
                    $object->$name = $copy;
                    break;
                case 1:
                    $object->$name[] = 'spoilt';
                    break;
                case 2:
                    unset($object->$name);
                    break;
                default:
                    array_walk($array, static fn(mixed &$one): string => $one = 'spoilt');
            }
        }
        match (true) {
            $object instanceof ArrayAccess && !$object instanceof SplObjectStorage => $object[0] = 'spoilt',
            $object instanceof SplObjectStorage => $object->removeAll($object),
            $object instanceof DateTime => $object->modify('+1 day'),
            $object instanceof stdClass || $object instanceof GraphDynamic => $object->{'one more'} = 'spoilt',
            default => serialize($object),
        };
        foreach ($other as &$one) {
            $one = 'spoilt';
        }
    } catch (Error | LogicException | RuntimeException) {
        // readonly, typed, out of range, not to be iterated by reference
    }
}

/** A value that cannot be stored, at a place that the message must name. @return array{mixed, string} */
function unstorable(mixed $inner): array
{
    $bad = GraphMaker::oneOf([static fn(): int => 1, fopen('php://memory', 'r'), (static fn() => yield 1)(), WeakReference::create(new stdClass), new class {}]);
    [$value, $path] = [$bad, '$value'];
    for ($i = mt_rand(0, 4), $steps = []; $i > 0; $i--) {
        switch (mt_rand(0, 2)) {
            case 0:
                $value = [$inner, $inner, $value];
                array_unshift($steps, '[2]');
                break;
            case 1:
                $value = ['x' => 1, 'bad one' => $value];
                array_unshift($steps, "['bad one']");
                break;
            default:
                $value = (object) ['first' => 1, 'handler' => $value];
                array_unshift($steps, '->handler');
        }
    }

    return [$value, $path . implode('', $steps)];
}

$options = getopt('', ['seed:', 'seconds:', 'extension:', 'read']);
if (isset($options['read'])) {
    answer_reader();
}
ini_set('memory_limit', '-1');
error_reporting(E_ALL & ~E_DEPRECATED); // properties that are made by writing to them
$seed = (int) ($options['seed'] ?? random_int(1, 1 << 30));
$end = microtime(true) + (float) ($options['seconds'] ?? 5);
mt_srand($seed);
echo "seed $seed\n";
cache_clear();
$readers = array_map(static fn(string $mode): GraphReader => new GraphReader((string) $options['extension'], $mode), ['on', 'off', 'rw']);
$maker = new GraphMaker;
/** @var array<string, list<string>> what may come back, by key; when it has come back, that alone */
$stored = [];
$held = [];
for ($stores = $refused = $gone = $objects = $elements = 0; microtime(true) < $end; $stores++) {
    $key = 'graph ' . mt_rand(1, KEYS);
    $simple = mt_rand(0, 2) === 0;
    $value = $maker->make(GraphMaker::oneOf([1, 5, 20, 100, 400]), $simple);
    try {
        $copy = unserialize(serialize($value));
    } catch (UnexpectedValueException) {
        continue; // PHP's: the object of an SplObjectStorage that something else has by reference
    }
    $ends = false;
    $wanted = $simple ? [digest($value)] : [digest($value), digest($copy)];
    $before = GraphText::of($value, true);
    $where = "the value of store $stores at '$key'";
    if (mt_rand(0, 19) === 0) {
        [$bad, $path] = unstorable($value);
        try {
            cache_store($key, $bad);
            fail("$where: what cannot be stored was stored\n");
        } catch (Cache\UnstorableException $e) {
            if (!str_contains($e->getMessage(), "$path ")) {
                fail("$where: \"{$e->getMessage()}\" does not name $path\n");
            }
        }
        $refused++;
    } elseif (store($key, $value)) {
        $stored[$key] = $wanted;
        $ends = $simple;
    } else {
        unset($stored[$key]);
        $gone++;
    }
    if (GraphText::of($value, true) !== $before) {
        fail("$where was changed by its store\n");
    }
    if (mt_rand(0, 9) === 0) {
        carry($value, $wanted, $where);
    }
    $elements += substr_count($before, '=>');
    $objects += substr_count($before, '{');
    /* This one, and another one that has been there for a while. */
    foreach ([$key, 'graph ' . mt_rand(1, KEYS)] as $one) {
        $fetched = take($one, $success);
        if (!$success) {
            $gone += isset($stored[$one]) ? 1 : 0;
            unset($stored[$one]);
            continue;
        }
        $digest = digest($fetched);
        if (!in_array($digest, $stored[$one] ?? [], true)) {
            fail("'$one', fetched after store $stores, is another one: " . substr(GraphText::of($fetched), 0, 2000)
                . ($one === $key ? "\nwanted: " . substr(GraphText::of($copy), 0, 2000) : '') . "\n");
        }
        $stored[$one] = [$digest];
        if ($ends && $one === $key && GraphText::of($fetched, true) !== $before) {
            fail("$where has other ends: " . substr(GraphText::of($fetched, true), 0, 2000) . "\nwanted: " . substr($before, 0, 2000) . "\n");
        }
        $seen = [];
        $own = cache_fetch($one);
        spoil($own, $seen);
        if (mt_rand(0, 3) === 0) {
            $held[mt_rand(0, 30)] = [$fetched, $digest, $one];
        }
        $answer = GraphMaker::oneOf($readers)->digest($one);
        if ($answer !== null && $answer !== $digest) {
            fail("'$one', fetched by another process after store $stores, is another one\n");
        }
    }
    if (mt_rand(0, 9) === 0 && $held !== []) {
        [$fetched, $digest, $one] = GraphMaker::oneOf($held);
        if (digest($fetched) !== $digest) {
            fail("'$one', fetched a while before store $stores, has changed since\n");
        }
    }
    if (mt_rand(0, 49) === 0) {
        cache_delete($key);
        unset($stored[$key]);
    }
}
$info = cache_info();
if ($stores === 0 || $refused === 0 || $objects === 0) {
    fail("nothing was tried\n");
}
if ($info['dropped_corrupt'] > 0) {
    fail("{$info['dropped_corrupt']} entries were found damaged\n");
}
echo "$stores values, $elements elements, $objects objects, $refused refused, $gone evicted or too large; {$info['relocations']} moved,"
    . " {$info['evictions']} evicted; no difference\n";
exit(0);
