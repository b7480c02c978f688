--TEST--
A bad value stops PHP with a sentence that names directive, value and range
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-ini-bad-values${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$bad = [
    ['enable', 'maybe'], ['enable_cli', '2'], ['segment', ''], ['segment', 'a/b'], ['segment', '.hidden'], ['segment', str_repeat('s', 65)],
    ['segment_dir', 'relative'], ['size', 'banana'], ['size', '1023K'], ['size', '-1'], ['size', '2048G'], ['size', ''], ['zero_copy', 'yes'],
    ['max_pinned', '0%'], ['max_pinned', '101%'], ['max_pinned', '1K'], ['max_pinned', '10 %'], ['serializer', 'json'],
    ['max_processes', '0'], ['max_processes', '8193'], ['max_processes', '10x'],
    ['queue_size', '0'], ['queue_size', '65537'], ['queue_size', '-1'], ['queue_size', '4K'], ['queue_size', ''], ['queue_size', '1.5'],
    ['queue_max_attempts', '0'], ['queue_max_attempts', '101'], ['queue_max_attempts', 'many'], ['queue_max_attempts', ''],
];
/* A PHP that ends before it has started frees nothing. */
putenv('ASAN_OPTIONS=detect_leaks=0');
foreach ($bad as [$name, $value]) {
    $output = runPhp('echo "started";', ["cache.$name" => "\"$value\""]);
    preg_match("/cache\\..*was given/", $output, $match);
    echo str_contains($output, 'started') ? 'STARTED ' : '', $match[0] ?? "no sentence: $output", "\n";
}
?>
--EXPECT--
cache.enable must be 1 or 0; "maybe" was given
cache.enable_cli must be 1 or 0; "2" was given
cache.segment must be a name of 1 to 64 characters of A-Z a-z 0-9 . _ - that does not begin with a dot; "" was given
cache.segment must be a name of 1 to 64 characters of A-Z a-z 0-9 . _ - that does not begin with a dot; "a/b" was given
cache.segment must be a name of 1 to 64 characters of A-Z a-z 0-9 . _ - that does not begin with a dot; ".hidden" was given
cache.segment must be a name of 1 to 64 characters of A-Z a-z 0-9 . _ - that does not begin with a dot; "sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss" was given
cache.segment_dir must be empty or the absolute path of a directory, of at most 3800 bytes; "relative" was given
cache.size must be a size from 1M to 1024G, such as 64M; "banana" was given
cache.size must be a size from 1M to 1024G, such as 64M; "1023K" was given
cache.size must be a size from 1M to 1024G, such as 64M; "-1" was given
cache.size must be a size from 1M to 1024G, such as 64M; "2048G" was given
cache.size must be a size from 1M to 1024G, such as 64M; "" was given
cache.zero_copy must be auto, off or rw; "yes" was given
cache.max_pinned must be a share from 1% to 100%, or a size from 64K to 1024G; "0%" was given
cache.max_pinned must be a share from 1% to 100%, or a size from 64K to 1024G; "101%" was given
cache.max_pinned must be a share from 1% to 100%, or a size from 64K to 1024G; "1K" was given
cache.max_pinned must be a share from 1% to 100%, or a size from 64K to 1024G; "10 %" was given
cache.serializer must be php, igbinary, msgpack or empty; "json" was given
cache.max_processes must be a number from 1 to 8192; "0" was given
cache.max_processes must be a number from 1 to 8192; "8193" was given
cache.max_processes must be a number from 1 to 8192; "10x" was given
cache.queue_size must be a number from 1 to 65536; "0" was given
cache.queue_size must be a number from 1 to 65536; "65537" was given
cache.queue_size must be a number from 1 to 65536; "-1" was given
cache.queue_size must be a number from 1 to 65536; "4K" was given
cache.queue_size must be a number from 1 to 65536; "" was given
cache.queue_size must be a number from 1 to 65536; "1.5" was given
cache.queue_max_attempts must be a number from 1 to 100; "0" was given
cache.queue_max_attempts must be a number from 1 to 100; "101" was given
cache.queue_max_attempts must be a number from 1 to 100; "many" was given
cache.queue_max_attempts must be a number from 1 to 100; "" was given
