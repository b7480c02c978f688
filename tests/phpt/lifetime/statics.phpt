--TEST--
Fetched values in static properties and static variables are right in later calls and in the shutdown
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-statics${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Registry
{
    public static array $values = [];
    public static ?string $text = null;
    protected static $untyped;
    public static function fill(): void
    {
        self::$values = fetchOriginals();
        self::$text = fetched('text of some length');
        self::$untyped = fetchOriginals()['rows'];
    }
    public static function untyped(): mixed { return static::$untyped; }
}

function remembering(?array $values = null): array
{
    static $kept = [];
    return $values === null ? $kept : $kept = $values;
}

$check = function (string $when): void {
    reuse();
    echo "$when: ", verdict(Registry::$values), ', ', Registry::$text, ', ', verdict(remembering()), "\n";
    var_dump(Registry::untyped() === originals()['rows']);
};
Registry::fill();
remembering(fetchOriginals());
$check('later');
Registry::$values['new'] = Registry::$values['map']['new'] = 1;
unset(Registry::$values['new'], Registry::$values['map']['new']);
Registry::$text .= '!';
$check('written');
register_shutdown_function($check, 'shutdown');
?>
--EXPECT--
later: right, text of some length, right
bool(true)
written: right, text of some length!, right
bool(true)
shutdown: right, text of some length!, right
bool(true)
