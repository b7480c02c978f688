--TEST--
Code of the user that runs while an object gets its state may throw, and may take objects out of others
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-state-throws${CACHE_TEST_RUN}
--FILE--
<?php
class Loud
{
    public $child;
    public function __construct($child = null) { $this->child = $child; }
    public function __destruct() { echo 'destructed '; }
}
class Storage extends SplObjectStorage
{
    public static $run = null;
    public function getHash(object $object): string
    {
        self::$run && (self::$run)($object);
        return spl_object_hash($object);
    }
}
function fetch(string $title, ?Closure $run): void
{
    Storage::$run = $run;
    try {
        $fetched = cache_fetch('key');
        $fetched[1]->rewind();
        echo "$title: ", count($fetched[1]), ' ', get_debug_type($fetched[1]->current()->child), "\n";
        unset($fetched);
        gc_collect_cycles();
    } catch (Exception $e) {
        echo "$title: ", $e->getMessage();
    }
    echo "\n";
}

$storage = new Storage;
$storage[new Loud(new Loud)] = new Loud;
$value = [new ArrayObject([new Loud]), $storage, new ArrayObject([new Loud, $storage])];
var_dump(cache_store('key', $value));
unset($storage, $value);
echo "\n";

fetch('throws', fn () => throw new Exception('no hash'));
fetch('takes out', function ($object) { $object->child = null; });
fetch('takes out and throws', function ($object) { $object->child = null; throw new Exception('no hash'); });
fetch('nothing', null);
?>
--EXPECT--
bool(true)
destructed destructed destructed destructed destructed 
throws: no hash
destructed takes out: 1 null
destructed destructed destructed destructed 
takes out and throws: no hash
nothing: 1 Loud
destructed destructed destructed destructed destructed 
