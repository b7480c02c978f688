<?php
declare(strict_types=1);

/*
 * The opcache: keys that are literals are interned strings in its memory, whose hashes the extension remembers by address. A reset
 * gives the same addresses to other strings.
 */

const OPCACHE = ['zend_extension' => 'opcache', 'opcache.enable' => '1', 'opcache.file_update_protection' => '0'];

/** Scripts with many literal keys each, no two alike. @return list<string> */
function writeLiterals(Ground $ground, int $scripts): array
{
    $files = [];
    for ($i = 0; $i < $scripts; ++$i) {
        $lines = "<?php require_once " . var_export($ground->page('common'), true) . ";\n\$stored = [];\n";
        for ($k = 0; $k < 40; ++$k) {
            // Of one length and, since "Ez" and "FY" are alike to PHP's hash, of one hash: only the bytes tell them apart.
            $key = 'literal ' . strtr(sprintf('%012b', $i * 40 + $k), ['0' => 'Ez', '1' => 'FY']);
            $lines .= "\$old = cache_fetch('$key');\n"
                . "expect(\$old === false || \$old === '$key', 'a literal key finds its own value', ['$key', \$old]);\n"
                . "if (cache_store('$key', '$key')) { \$stored[] = '$key'; }\n"
                . "expect(cache_fetch('$key') !== false || !\$stored, 'a literal key is found again', '$key');\n";
        }
        $lines .= "echo json_encode(['stored' => \$stored, 'violations' => violations()]);";
        file_put_contents($files[] = "$ground->folder/literals-$i.php", $lines);
    }

    return $files;
}

/** What was stored under literal keys is found under the same keys by a process that makes them otherwise. */
function checkLiterals(Ground $ground, array $stored): void
{
    $stored = array_values(array_unique($stored));
    file_put_contents("$ground->folder/keys", json_encode($stored));
    $missing = $ground->cli('$keys = json_decode(file_get_contents("' . $ground->folder . '/keys"));
        echo json_encode(array_values(array_filter($keys, fn ($key) => cache_fetch($key) !== $key)));');
    check(count($stored) . ' literal keys are found by others', $missing === [] && count($stored) >= 40, array_slice((array) $missing, 0, 5));
}

function drillReset(Ground $ground): void
{
    $fpm = $ground->fpm(['pm.max_children' => 4], OPCACHE);
    $files = writeLiterals($ground, 30);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 2);
    $stored = $violations = [];
    $resets = $requests = 0;
    for ($until = microtime(true) + $ground->setup->seconds; microtime(true) < $until || ($resets < 3 && microtime(true) < $until + PATIENCE);) {
        foreach ((array) array_rand($files, 4) as $i) {
            $report = FastCgi::get($fpm->socket(), $files[$i])->report();
            ++$requests;
            array_push($stored, ...$report['stored'] ?? []);
            array_push($violations, ...$report['violations'] ?? ["no answer of literals-$i"]);
        }
        $resets += (int) (inPool($ground, $fpm, 'pool', 'return opcache_reset();') === true);
    }
    $account = $visitors->account();
    $restarts = inPool($ground, $fpm, 'pool', 'return opcache_get_status(false)["opcache_statistics"]["manual_restarts"];');
    $fpm->stop();
    figures("$resets resets, of which $restarts were carried out, $requests requests with literal keys, $account->answered other pages");
    check('the opcache was restarted', $restarts > 0, $restarts);
    check('literal keys never find what is not theirs', $violations === [], array_slice($violations, 0, 5));
    checkLiterals($ground, $stored);
    $ground->settle($account);
    $ground->judge();
}

/** After a reset the first script's key gets the address that the key of the one before had; to PHP's hash, they are the same. */
function drillSameAddress(Ground $ground): void
{
    $keys = [];
    foreach (['EzEz', 'FYEz', 'EzFY'] as $i => $twins) {
        $keys[$i] = "a key of $twins";
        $code = "<?php cache_store('$keys[$i]', cache_inc('count')); echo json_encode(cache_fetch('$keys[$i]'));";
        file_put_contents("$ground->folder/twin-$i.php", $code);
    }
    $fpm = $ground->fpm(['pm.max_children' => 1], OPCACHE);
    $wrong = [];
    for ($round = 1; $round <= 12; ++$round) {
        $i = $round % 3;
        inPool($ground, $fpm, 'pool', 'return opcache_reset();');
        $body = FastCgi::get($fpm->socket(), "$ground->folder/twin-$i.php")->body;
        $found = $ground->cli('echo json_encode(cache_fetch("a key" . " of ' . substr($keys[$i], 9) . '"));');
        if ($body !== "$round" || $found !== $round) {
            $wrong[] = [$round, $keys[$i], $body, $found];
        }
    }
    check('what is stored under a key of that address is found by others', $wrong === [], $wrong);
    $fpm->stop();
    $ground->judge();
}

/** Preloaded code may call the cache, which is off then; classes that were preloaded are as good as others. */
function drillPreload(Ground $ground): void
{
    file_put_contents("$ground->folder/preload.php", '<?php
        class Preloaded { public function __construct(public array $data, public ?Preloaded $next = null) {} }
        function fromPreloaded(): array { return [cache_store("preloaded key", "value"), cache_fetch("preloaded key")]; }
        file_put_contents("' . $ground->folder . '/answers", json_encode([cache_enabled(), cache_store("early", 1), cache_fetch("early"),
            cache_compute("early", fn () => "computed"), cache_inc("early"), cache_info()["reason"], cache_queue_pop("q"),
            cache_lock_for_write("l")]));');
    $preload = ['opcache.preload' => "$ground->folder/preload.php", 'opcache.preload_user' => posix_geteuid() === 0 ? 'root' : ''];
    $fpm = $ground->fpm(['pm.max_children' => 2], $preload + OPCACHE);
    $answers = json_decode((string) @file_get_contents("$ground->folder/answers"), true);
    check('while code is preloaded the cache is off, and says why', $answers === [false, false, false, 'computed', false,
        'the cache is disabled during preloading', null, false], $answers);
    check('... and there is no segment', $ground->file() === '');
    for ($i = 0; $i < 2; ++$i) {
        $got = inPool($ground, $fpm, 'pool', 'cache_store("object", new Preloaded(["a" => [1, 2]], new Preloaded([])));
            $object = cache_fetch("object");

            return [$object::class, $object->data, $object->next->next, fromPreloaded(), cache_exists("early")];');
        check('afterwards it is there, for objects of preloaded classes and keys in preloaded code',
            $got === ['Preloaded', ['a' => [1, 2]], null, [true, 'value'], false], $got);
    }
    $fpm->stop();
    check('others find what preloaded code has stored', $ground->cli('echo json_encode(cache_fetch("preloaded" . " key"));') === 'value');
}

/** Strings of scripts from the file cache are in each process's own memory, for one request. */
function drillFileCache(Ground $ground): void
{
    $files = writeLiterals($ground, 4);
    $folder = "$ground->folder/file-cache";
    mkdir($folder, 0700);
    $stored = $violations = [];
    foreach (['1', '0'] as $only) {
        $options = ['opcache.file_cache' => $folder, 'opcache.file_cache_only' => $only] + OPCACHE;
        $fpm = $ground->fpms(['pool' => ['pm.max_children' => 1]], $options, name: "fpm-$only");
        for ($round = 0; $round < 3; ++$round) {
            foreach ($files as $file) {
                $report = FastCgi::get($fpm->socket(), $file)->report();
                array_push($stored, ...$report['stored'] ?? []);
                array_push($violations, ...$report['violations'] ?? ["no answer of $file"]);
            }
        }
        $fpm->stop();
    }
    check('the file cache is in use', glob("$folder/*/*") !== []);
    check('literal keys never find what is not theirs', $violations === [], array_slice($violations, 0, 5));
    checkLiterals($ground, $stored);
    $ground->judge();
}
