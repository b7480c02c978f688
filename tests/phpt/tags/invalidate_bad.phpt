--TEST--
Bad tags are refused, and then none is invalidated
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-invalidate-bad${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', tags: ['good', '5']);
attempt(fn() => cache_tag_invalidate(''));
attempt(fn() => cache_tag_invalidate(str_repeat('t', 256)));
attempt(fn() => cache_tag_invalidate(['good', '']));
attempt(fn() => cache_tag_invalidate(['good', str_repeat('t', 256)]));
attempt(fn() => cache_tag_invalidate(['good', 5]));
attempt(fn() => cache_tag_invalidate(['good', null]));
attempt(fn() => cache_tag_invalidate(['good', ['good']]));
attempt(fn() => cache_tag_invalidate([...array_fill(0, 40, 'good'), 1.5]));
attempt(fn() => cache_tag_invalidate(new ArrayObject(['good'])));
attempt(fn() => cache_tag_invalidate());
attempt(eval('declare(strict_types=1); return fn() => cache_tag_invalidate(5);'));
attempt(eval('declare(strict_types=1); return fn() => cache_tag_invalidate("good", 1);'));
var_dump(cache_exists('key'), cache_tag_invalidate(str_repeat('t', 255)), cache_tag_invalidate("\0"), cache_exists('key'), cache_tag_invalidate(5), cache_exists('key'));
?>
--EXPECT--
ValueError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
ValueError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of tags of 1 to 255 bytes, one of 256 given
ValueError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
ValueError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of tags of 1 to 255 bytes, one of 256 given
TypeError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of strings, int given
TypeError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of strings, null given
TypeError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of strings, array given
TypeError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of strings, float given
TypeError: cache_tag_invalidate(): Argument #1 ($tags) must be of type array|string, ArrayObject given
ArgumentCountError: cache_tag_invalidate() expects at least 1 argument, 0 given
TypeError: cache_tag_invalidate(): Argument #1 ($tags) must be of type array|string, int given
TypeError: cache_tag_invalidate(): Argument #2 ($hard) must be of type bool, int given
bool(true)
int(1)
int(1)
bool(true)
int(1)
bool(false)
