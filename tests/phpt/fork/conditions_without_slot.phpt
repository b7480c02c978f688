--TEST--
A child for which the segment has no place reads tokens and entries, merges, touches and commits
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-conditions-without-slot${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$ini = ['cache.segment' => ini_get('cache.segment') . '-2', 'cache.max_processes' => '1'];
$code = <<<'PHP'
    final class Plain { public $x = [1]; }
    final class Decodes
    {
        public int $number = 1;
        public function __serialize(): array { return [$this->number]; }
        public function __unserialize(array $data): void { $this->number = $data[0] + cache_fetch("int"); }
    }
    cache_clear();
    $values = ["int" => 5, "text" => "text", "long" => str_repeat("long", 1000), "list" => range(1, 1000), "plain" => new Plain, "decodes" => new Decodes];
    cache_store($values, null, 600, 600, ["tag"]);
    cache_store("counter", 0);
    cache_store("merged", 0);
    $children = [];
    for ($i = 0; $i < 2; $i++) {
        if (!$children[] = pcntl_fork()) {
            $wrong = 0;
            for ($n = 0; $n < 300; $n++) {
                $entries = cache_fetch_entries(array_keys($values));
                $wrong += count($entries) !== 6 || $entries["int"]["value"] !== 5 || $entries["text"]["value"] !== "text" || $entries["long"]["value"] !== $values["long"]
                    || $entries["list"]["value"] !== $values["list"] || $entries["plain"]["value"] != $values["plain"] || $entries["decodes"]["value"]->number !== 6;
                $wrong += count(cache_fetch_entries(array_keys($values), PHP_INT_MAX)) !== 6;
                $wrong += cache_gets("long", $token) !== $values["long"] || $token !== $entries["long"]["token"];
                do {
                    $counter = cache_gets("counter", $token);
                } while (!cache_cas_store("counter", $token, $counter + 1));
                $wrong += !cache_merge("merged", fn(int $value) => $value + 1);
                $wrong += !cache_cas_touch("text", null) || cache_stamp("text") <= 0;
                $wrong += cache_store_if_changed("same $i", $values, 600, 600) !== ($n ? CACHE_TOUCHED : CACHE_STORED);
                cache_mark_stale("own $i");
                $lease = cache_lease("own $i");
                $wrong += !$lease || !cache_commit("own $i", $lease, $n, 600, 600) || cache_fetch("own $i") !== $n;
                do {
                    $lock = cache_fetch_entries(["merged"])["merged"]["lock"];
                } while (!cache_cas_lock("merged", $lock, $lock + 1));
            }
            echo "$wrong\n";
            exit(0);
        }
    }
    array_map(fn($pid) => pcntl_waitpid($pid, $status), $children);
    var_dump(cache_fetch("counter"), cache_fetch("merged"), cache_cas_lock("merged", 600, 0), cache_info(true)["guest_operations"] > 0);
    PHP;
echo runPhp($code, $ini);
echo runPhp('unlink(cache_info(true)["segment"]["path"]);', $ini);
?>
--EXPECT--
0
0
int(600)
int(600)
bool(true)
bool(true)
