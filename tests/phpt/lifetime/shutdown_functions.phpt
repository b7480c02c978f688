--TEST--
Fetched values are right in shutdown functions, also as their names and arguments
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-shutdown-functions${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Tasks
{
    public static function run(string $name, array $values): void
    {
        reuse();
        echo "$name: ", verdict($values), "\n";
    }
}

function shutdownTask(string $name, array $values): void
{
    Tasks::run($name, $values);
    register_shutdown_function(fetched('anotherTask'), fetched('registered while shutting down'), fetchOriginals());
    reuse();
}

function anotherTask(string $name, array $values): void
{
    Tasks::run($name, $values);
}

$values = fetchOriginals();
register_shutdown_function(function () use ($values) {
    Tasks::run('closure', $values);
});
register_shutdown_function(fetched('shutdownTask'), fetched('function by a fetched name'), $values);
register_shutdown_function(fetched(['Tasks', 'run']), fetched('method by a fetched array'), $values);
register_shutdown_function(fetched('Tasks::run'), fetched('method by a fetched string'), $values);
unset($values);
reuse();
?>
--EXPECT--
closure: right
function by a fetched name: right
method by a fetched array: right
method by a fetched string: right
registered while shutting down: right
