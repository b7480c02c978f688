--TEST--
php --ri cache shows the state and the settings
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-info-phpinfo${CACHE_TEST_RUN}
cache.quarantine=0
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

echo shell_exec(phpCommand() . ' --ri cache');
?>
--EXPECTF--
cache

cache support => enabled
Version => 0.1.0%A
Segment => %s
Mode => %s
Size => 67108864
Memory used => %d
Entries => %d
Processes attached => 2

Directive => Local Value => Master Value
cache.enable => On => On
cache.enable_cli => On => On
cache.segment => test-info-phpinfo%S => test-info-phpinfo%S
cache.segment_dir => no value => no value
cache.size => 64M => 64M
cache.zero_copy => auto => auto
cache.max_pinned => 10% => 10%
cache.serializer => no value => no value
cache.max_processes => 1024 => 1024
cache.queue_size => 4096 => 4096
cache.queue_max_attempts => 5 => 5
cache.quarantine => Off => Off
