<?php

declare(strict_types=1);

use Tests\TestCase;

/** Each failure is one sentence that says what to do, on the error output, and an exit status. */
final class ErrorTest extends TestCase
{
    private function assertFails(int $status, string $pattern, array $words, array $settings = [], ?array $command = null): void
    {
        $program = $command ? $this->start([...$command, ...$words]) : $this->worker($words, $settings);
        self::assertSame($status, $program->wait(), $program->out() . $program->err());
        self::assertMatchesRegularExpression("~^$pattern\n$~", $program->err());
        self::assertSame('', preg_replace('~^.*starts (1 worker|3 workers).*\n~', '', $program->out()));
    }

    private function bootstrap(string $code): string
    {
        file_put_contents("$this->folder/boot.php", $code);

        return "--bootstrap=$this->folder/boot.php";
    }

    private function program(): string
    {
        return dirname(__DIR__, 2) . '/php_src/bin/cache-worker';
    }

    public function testUsage(): void
    {
        $this->assertFails(2, 'There is no command "rnu", did you mean "run"\? See cache-worker --help\.', ['rnu']);
        $this->assertFails(2, 'There is no command "xyzzy"; there are: run, stats, .*\.', ['xyzzy']);
        $this->assertFails(2, 'There is no option --frobnicate; see cache-worker --help\.', ['--frobnicate']);
        $this->assertFails(2, 'There is no option --qeue, did you mean --queue\? See cache-worker run --help\.', ['run', '--qeue=a']);
        $this->assertFails(2, 'There is no option -x; see cache-worker stats --help\.', ['stats', '-x']);
        $this->assertFails(2, '--json takes no value\.', ['stats', '--json=yes']);
        $this->assertFails(2, '--queue needs a value: --queue=A,B\.', ['run', '--queue']);
        $this->assertFails(2, '--queue needs a value: --queue=A,B\.', ['run', '--queue=']);
        $this->assertFails(2, '"c" is one argument too many; see cache-worker stats --help\.', ['stats', 'a', 'c']);
        $this->assertFails(2, 'QUEUE is missing: cache-worker push QUEUE KEY\.', ['push']);
        $this->assertFails(2, 'KEY is missing: cache-worker push QUEUE KEY\.', ['push', 'pages']);
        $this->assertFails(2, '--processes=two is not valid: give a whole number from 0 on\.', ['run', '--processes=two']);
        $this->assertFails(2, '--limit=-1 is not valid: give a whole number from 0 on\.', ['run', '--limit=-1']);
        $this->assertFails(2, '--timeout=soon is not valid: give a duration: 90, 1\.5, 500ms, 10m, 2h, 1d\.', ['run', '--timeout=soon']);
        $this->assertFails(2, '--memory-limit=much is not valid: give a size: 64M, 1G, 1048576\.', ['run', '--memory-limit=much']);
        $this->assertFails(2, '--lease=5 is too short: it must be longer than --timeout=60, .*\.', ['run', '--lease=5']);
        $this->assertFails(2, '--payload is not valid JSON \(Syntax error\): a text needs quotes of its own, --payload=\'"text"\'\.', ['push', 'pages', 'a', '--payload=text']);
        $this->assertFails(2, 'This cannot be queued: .*\.', ['push', '', 'a']);
        $this->assertFails(2, 'This cannot be queued: .*\.', ['push', 'pages', '']);
    }

    public function testUnknownQueues(): void
    {
        cache_queue_push('pages', 'a');
        foreach ([['stats', 'pagse'], ['failed', 'pagse'], ['retry', 'pagse'], ['purge', 'pagse']] as $words) {
            $this->assertFails(1, 'There is no queue "pagse"; there are: .*pages.*\.', $words);
        }
        $this->assertFails(2, 'The registry has no loader for the queue "pagse"; it has: pages, mails\.', ['run', '--queue=pagse', '--bootstrap=' . __DIR__ . '/fixtures/app.php']);
    }

    public function testBootstrap(): void
    {
        $this->assertFails(4, 'Which loaders there are is not known: give --bootstrap=FILE, a PHP file that returns a SharedCache.Rebuild.Registry\.', ['run']);
        $this->assertFails(4, 'The bootstrap file no\.php does not exist in /.*; check --bootstrap\.', ['run', '--bootstrap=no.php']);
        $this->assertFails(4, 'The bootstrap file /no\.php does not exist; check --bootstrap\.', ['run', '--bootstrap=/no.php']);
        $this->assertFails(4, 'The bootstrap file .*boot\.php cannot be parsed: syntax error, .* in .*boot\.php, line 2\.', ['run', $this->bootstrap("<?php\nif (;")]);
        $this->assertFails(4, 'The bootstrap file .*boot\.php failed: DomainException: no database \(.*boot\.php, line 2\)\.', ['run', $this->bootstrap("<?php\nthrow new DomainException('no database');")]);
        $this->assertFails(4, 'The bootstrap file .*boot\.php returns nothing: let it end with `return \$registry;`, a .*\.', ['run', $this->bootstrap('<?php $x = 1;')]);
        $this->assertFails(4, 'The bootstrap file .*boot\.php returns stdClass: .*', ['run', $this->bootstrap('<?php return new stdClass();')]);
        $this->assertFails(4, 'The registry that .*boot\.php returns has no loader: call its add\(\)\.', ['run', $this->bootstrap('<?php return new SharedCache\Rebuild\Registry();')]);
        $this->assertFails(4, 'The application ended the worker before it was ready, with exit status 0: .*', ['run', $this->bootstrap('<?php exit(0);')]);
        $this->assertFails(4, 'The application ended the worker before it was ready, with exit status 2: .*', ['run', $this->bootstrap('<?php exit(2);')]);
        $this->assertFails(4, 'The bootstrap file .*boot\.php returns string: .*', ['run', '--processes=3', $this->bootstrap('<?php return "x";')]);
        $this->assertFails(4, 'The bootstrap file .*boot\.php returns string: .*', ['run', '--processes=0', $this->bootstrap('<?php return "x";')]);
        $this->assertFails(4, 'The bootstrap file .* failed: LogicException: Nothing says what \$y .*', ['run', $this->bootstrap('<?php return (new SharedCache\Rebuild\Registry())->add("q", "a:{x}", fn ($y) => 1);')]);
    }

    /** WoltLab's core ends all buffers, and its handler of errors throws. */
    public function testAnApplicationMayEndTheBuffersOrBeginOthers(): void
    {
        $registry = "return (new SharedCache\\Rebuild\\Registry())->add('pages', 'a', fn () => 1);";
        foreach (['while (ob_get_level()) { ob_end_clean(); }', 'ob_start(); ob_start();'] as $do) {
            cache_queue_push('pages', 'a');
            $boot = $this->bootstrap("<?php set_error_handler(fn (int \$n, string \$t) => throw new ErrorException(\$t)); $do $registry");
            foreach (['--processes=0', '--processes=1'] as $processes) {
                [$status, , $err] = $this->command('run', '--once', $processes, $boot);
                self::assertSame(0, $status, $err);
                self::assertStringNotContainsString('buffer', $err);
            }
        }
    }

    public function testThePhpThatRunsIt(): void
    {
        $this->assertFails(3, 'The PHP extension "cache" is not loaded in .*php[\d.]*: add extension=cache to a \.ini file of the command line \(`php --ini` names them\)\.', [$this->program(), 'stats'], command: $this->php(['cache.size' => '1M'], false));
        foreach ([['stats'], ['run', '--bootstrap=' . __DIR__ . '/fixtures/app.php'], ['push', 'pages', 'a']] as $words) {
            $this->assertFails(3, 'The cache is switched off for the command line: set cache\.enable_cli=1, in a \.ini file or by `php -d cache\.enable_cli=1`\.', $words, ['cache.enable_cli' => '0']);
            $this->assertFails(3, 'The cache is switched off: set cache\.enable=1 for the command line\.', $words, ['cache.enable' => '0']);
        }
        $this->assertFails(3, 'The PHP extension "cache" is version .*, which has no queue, or disable_functions names cache_queue_pop: install a newer one\.', ['stats'], ['disable_functions' => 'cache_queue_pop']);
        $this->assertFails(3, '(cache: .*\n)?The cache is not to be had: cannot open the segment directory /proc/no: .*\.', ['push', 'pages', 'a'], ['cache.segment_dir' => '/proc/no']);
        $run = ['run', '--bootstrap=' . __DIR__ . '/fixtures/app.php'];
        $this->assertFails(3, 'The worker needs pcntl_fork\(\), which is not there: take it out of disable_functions for the command line\.', $run, ['disable_functions' => 'pcntl_fork']);
        $extension = getenv('CACHE_TEST_EXTENSION');
        $without = [getenv('CACHE_TEST_PHP'), '-n', '-d', "extension=$extension", '-d', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT')];
        $this->assertFails(3, 'The worker needs the PHP extension "posix": load it for the command line \(`php --ini` names the files\), or use --processes=0\.', [$this->program(), ...$run], command: $without);
        self::assertSame(0, $this->start([...$without, $this->program(), ...$run, '--once'])->wait(), 'which does work');
    }

    public function testTheUserWithoutASegment(): void
    {
        $name = getenv('CACHE_TEST_SEGMENT') . '-none';
        foreach ([['stats'], ['keys'], ['get', 'a'], ['clear'], ['verify'], ['failed'], ['retry'], ['purge', 'pages']] as $words) {
            $this->assertFails(3, "The user \\S+ has no segment \"$name\" in /dev/shm/php-cache-\\d+: nothing has used the cache as this user yet\. .*\\.", $words, ['cache.segment' => $name]);
        }
        self::assertSame([], glob('/dev/shm/php-cache-' . posix_geteuid() . "/$name.*"), 'none was made');
    }

    public function testRootWhereAnotherUserHasTheSegment(): void
    {
        if (posix_geteuid() !== 0) {
            self::markTestSkipped('only root may look into the folders of others');
        }
        $name = getenv('CACHE_TEST_SEGMENT') . '-other';
        $user = posix_getpwnam('nobody')['uid'];
        $folder = "/dev/shm/php-cache-$user";
        $made = @mkdir($folder, 0700);
        touch("$folder/$name.0123456789abcdef");
        try {
            $hint = 'The user nobody has one: run this as that user, with `sudo -u nobody`\.';
            $this->assertFails(3, "The user root has no segment \"$name\" in .* yet\. $hint", ['stats'], ['cache.segment' => $name]);
            $this->assertFails(3, "Root has no segment \"$name\" of its own, and would not meet the FPM pool in a new one\\. $hint", ['run', '--bootstrap=' . __DIR__ . '/fixtures/app.php'], ['cache.segment' => $name]);
        } finally {
            unlink("$folder/$name.0123456789abcdef");
            $made && rmdir($folder);
        }
    }

    public function testAnotherUserWhoMayNotLookIntoFolders(): void
    {
        $as = ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
        $can = 'exit(extension_loaded("cache") && extension_loaded("posix") && is_readable($argv[1]) ? 0 : 1);';
        $reads = $this->start([...$as, ...$this->php(), '-r', $can, $this->program()]);
        if (posix_geteuid() !== 0 || $reads->wait() !== 0) {
            self::markTestSkipped('another user cannot be tried here');
        }
        chmod($this->folder, 0755);
        $this->assertFails(
            3,
            'The user nobody has no segment "[^"]+" in .* yet\. The user \S+ uses the cache, too: if the FPM pool runs as .*\.',
            [$this->program(), 'stats'],
            command: [...$as, ...$this->php()],
        );
    }

    public function testTheSegmentOfAnotherPhp(): void
    {
        $name = getenv('CACHE_TEST_SEGMENT') . '-build';
        // A folder, since a file that no process uses would be removed as a remainder.
        $theirs = '/dev/shm/php-cache-' . posix_geteuid() . "/$name.0123456789abcdef";
        mkdir($theirs);
        $this->assertFails(3, "The segment .*/$name\\.[0-9a-f]+ is empty; $theirs was made by another PHP than .*: run this with the PHP of the FPM pool\\.", ['stats'], ['cache.segment' => $name]);
        $run = $this->worker(['run', '--stop-when-empty', '--bootstrap=' . __DIR__ . '/fixtures/app.php'], ['cache.segment' => $name]);
        self::assertSame(0, $run->wait(), 'a worker may come first');
        self::assertStringContainsString('was made by another PHP', $run->err());
    }

    public function testTheLibraryIsMissing(): void
    {
        copy($this->program(), "$this->folder/cache-worker");
        $program = $this->start([...$this->php(['include_path' => '/nowhere']), "$this->folder/cache-worker", 'stats']);
        self::assertSame(3, $program->wait());
        self::assertSame("The library of cache-worker is not found: add the folder that `pear config-get php_dir` names to PHP's include_path.\n", $program->err());
    }

    public function testTheLibraryIsFoundByTheIncludePath(): void
    {
        copy($this->program(), "$this->folder/cache-worker");
        mkdir("$this->folder/library");
        symlink(dirname(__DIR__, 2) . '/php_src', "$this->folder/library/Cache");
        $program = $this->start([...$this->php(['include_path' => "$this->folder/library"]), "$this->folder/cache-worker", 'help']);
        self::assertSame(0, $program->wait());
    }
}
