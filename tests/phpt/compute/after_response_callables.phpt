--TEST--
What is callable where the value is asked for is callable after the response
--EXTENSIONS--
cache
--SKIPIF--
<?php
require __DIR__ . '/../fpm.inc';
if (!fpmBinary()) {
    die('skip needs a php-fpm of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-compute-after-response-callables${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'error_log' => '/dev/stderr'], 1);
$code = <<<'PHP'
    class Base
    {
        protected static function named(): string { return 'parent'; }
    }
    class Pages extends Base
    {
        public function __construct(private string $name) {}
        public function __destruct() { cache_inc('destroyed'); }
        private function load(string $key): string { return "$this->name loads $key"; }
        private static function make(string $key): string { return static::class . " makes $key"; }
        protected static function named(): string { return 'child'; }
        public function __call(string $name, array $arguments): string { return "$this->name calls $name"; }
        public static function __callStatic(string $name, array $arguments): string { return static::class . " calls $name"; }
        public function __invoke(string $key): string { return "$this->name invoked"; }
        public function ask(): void
        {
            $callables = [
                'private' => [$this, 'load'], 'static' => ['Pages', 'make'], 'self' => [self::class, 'make'], 'string' => 'Pages::make',
                'parent' => 'parent::named', 'magic' => [$this, 'magic'], 'magic static' => ['Pages', 'magic'], 'object' => $this,
                'closure' => fn() => $this->load('closure'), 'first class' => $this->load(...), 'function' => 'strtoupper',
            ];
            foreach ($callables as $key => $callable) {
                if ($key === 'function') {
                    $callable = 'loader';
                }
                echo @cache_compute($key, $callable), ' ';
            }
        }
    }
    function loader(string $key): string { return "function for $key"; }
    (new Pages('object'))->ask();
    PHP;
$keys = ['private', 'static', 'self', 'string', 'parent', 'magic', 'magic static', 'object', 'closure', 'first class', 'function'];
foreach ($keys as $key) {
    cache_store($key, 'old', 0, 60);
    cache_mark_stale($key);
}
echo $fpm->run($code), "\n";
echo $fpm->run('var_dump(cache_fetch("destroyed"));');
foreach ($keys as $key) {
    echo "$key: ", cache_fetch($key), "\n";
}
?>
--EXPECT--
old old old old old old old old old old old 
int(1)
private: object loads private
static: Pages makes static
self: Pages makes self
string: Pages makes string
parent: parent
magic: object calls magic
magic static: Pages calls magic
object: object invoked
closure: object loads closure
first class: object loads first class
function: function for function
