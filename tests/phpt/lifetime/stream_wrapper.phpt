--TEST--
Fetched values are right in stream wrappers and filters that are closed after the request
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-stream-wrapper${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

require __DIR__ . '/../process.inc';

/* Nothing is printed any more when PHP closes its streams: the results go through a file. */
$results = sys_get_temp_dir() . '/cache-stream-wrapper-' . getmypid();
$code = 'const RESULTS = ' . var_export($results, true) . '; require ' . var_export(__DIR__ . '/lifetime.inc', true) . ';' . <<<'PHP'
    function result(string $line): void
    {
        file_put_contents(RESULTS, "$line\n", FILE_APPEND);
    }
    class Wrapper
    {
        public $context;
        private array $values = [];
        private string $written = '';
        public function stream_open(string $path): bool
        {
            $this->values = fetchOriginals();
            result($path);
            return true;
        }
        public function stream_write(string $data): int
        {
            $this->written .= $data;
            return strlen($data);
        }
        public function stream_flush(): bool { return true; }
        public function stream_close(): void
        {
            reuse();
            result('wrapper: ' . verdict($this->values));
            result($this->written);
            result('option: ' . verdict(stream_context_get_options($this->context)['wrapped']));
            result('fetched now: ' . verdict(fetchOriginals(5), 5));
        }
    }
    class Filter extends php_user_filter
    {
        public function onClose(): void
        {
            reuse();
            result('filter: ' . verdict($this->params));
        }
        public function filter($in, $out, &$consumed, bool $closing): int
        {
            while ($bucket = stream_bucket_make_writeable($in)) {
                $consumed += $bucket->datalen;
                stream_bucket_append($out, $bucket);
            }
            return PSFS_PASS_ON;
        }
    }
    stream_wrapper_register(fetched('wrapped'), fetched('Wrapper'));
    stream_filter_register(fetched('verdict'), fetched('Filter'));
    $context = stream_context_create([fetched('wrapped') => fetchOriginals()]);
    $stream = fopen(fetched('wrapped://path/of/some/length'), 'w', false, $context);
    stream_filter_append($stream, 'verdict', STREAM_FILTER_WRITE, fetchOriginals());
    fwrite($stream, fetched('text that is written'));
    reuse();
    echo "end\n";
    PHP;
echo runPhp($code), file_get_contents($results);
unlink($results);
?>
--EXPECT--
end
wrapped://path/of/some/length
wrapper: right
text that is written
option: right
fetched now: right
filter: right
