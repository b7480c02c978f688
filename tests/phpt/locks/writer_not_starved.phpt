--TEST--
A writer gets its turn among readers that always overlap
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-writer-not-starved${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$readers = [];
for ($i = 0; $i < 4; $i++) {
    $readers[] = new Relative(static function (Line $line) use ($i): void {
        $line->say((string) cache_lock_for_read('x', 30.0));
        usleep(3000 * $i);
        while (!$line->isAsked()) {
            usleep(12000);
            cache_lock_release('x');
            cache_lock_for_read('x', 30.0) || exit(1);
        }
    });
}
foreach ($readers as $reader) {
    $reader->hear() > 0 || print "a reader was refused\n";
}
for ($i = 0; $i < 10; $i++) {
    if (!cache_lock_for_write('x', 5.0) || !cache_lock_release('x')) {
        die("the writer waited for too long\n");
    }
}
foreach ($readers as $reader) {
    echo $reader->end();
}
echo "done\n";
?>
--EXPECT--
done
