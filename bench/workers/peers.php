<?php
/*
 * peers.php WORK CHUNKS PEER...: stores and fetches each class of values in each of the peers (bench/lib/peers.php), in short
 * chunks that take turns. Prints
 *   times   nanoseconds a call by "fetch VALUE" and "store VALUE" and by peer: medians, the empty loop subtracted
 *   absent  the peers that are not there
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';
require __DIR__ . '/../lib/values.php';
require __DIR__ . '/../lib/peers.php';

const PEER_KEY = 'bench:operation:k:01';

/** Code of a function(int $calls) that returns the nanoseconds of a chunk. */
function peerChunk(string $peer, string $value, string $call): string
{
    $key = var_export(PEER_KEY, true);
    $call = str_replace('KEY', $key, $call);

    return <<<PHP
        static function (int \$calls): int {
            \$peer = \$GLOBALS['peers']['$peer'] ?? null;
            \$data = \$GLOBALS['data'];
            \$start = hrtime(true);
            for (\$i = 0; \$i < \$calls; ++\$i) {
                $call;
            }
            return hrtime(true) - \$start + 0 * (int) (\$data === \$peer);
        }
        PHP;
}

/** @return array<string, array<string, Closure>> functions by "fetch" and "store" and by peer, the empty loop under "" */
function peerFunctions(array $names, string $file): array
{
    $code = "<?php\nreturn [\n";
    foreach (['fetch', 'store'] as $what) {
        $code .= "'$what' => [\n";
        foreach ($names as $name) {
            $code .= "'$name' => " . peerChunk($name, $what, peerCode($name)[$what]) . ",\n";
        }
        $code .= "'' => " . peerChunk('', $what, '') . ",\n],\n";
    }
    file_put_contents($file, "$code];\n");

    return require $file;
}

/** A function that calls once, for the check. */
function peerSample(string $name, string $what): Closure
{
    $call = str_replace('KEY', var_export(PEER_KEY, true), peerCode($name)[$what]);

    return eval("return static fn (object \$peer, mixed \$data): mixed => $call;");
}

[, $work, $chunks] = $argv;
$peers = $absent = [];
foreach (array_slice($argv, 3) as $name) {
    $peer = openPeer($name, $work);
    if ($peer === null) {
        $absent[] = $name;
    } else {
        $peers[$name] = $peer;
    }
}
$functions = peerFunctions(array_keys($peers), "$work/peers.php");
$times = [];
foreach (VALUE_CLASSES as $value) {
    $data = value($value);
    foreach ($peers as $name => $peer) {
        if (!peerSample($name, 'store')($peer, $data) || peerSample($name, 'fetch')($peer, $data) != $data) {
            fail("$value: $name does not answer as it should");
        }
    }
    // Fetches first: stores of included files throw out what opcache has compiled.
    foreach ($functions as $what => $of) {
        $figures = timed($of, array_map(callsOfChunk(...), $of), (int) $chunks);
        $times["$what $value"] = array_map(static fn (array $figure): float => $figure['p50'], $figures);
    }
}
echo json_encode(['times' => $times, 'absent' => $absent], JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
