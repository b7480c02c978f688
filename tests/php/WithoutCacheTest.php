<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** The extension is disabled, or not loaded at all. */
final class WithoutCacheTest extends TestCase
{
    public function testADisabledCacheIsAnEmptyOne(): void
    {
        $output = $this->php(<<<'PHP'
            $p = new SharedCache\Pool('forum', queue: 'q');
            echo json_encode([
                $p->set('a', 1), $p->get('a', 'none'), $p->has('a'), $p->setMulti(['a' => 1, 'b' => 2]), $p->getMulti(['a', 'b']),
                $p->hasMulti(['a']), $p->add('a', 1), $p->delete('a'), $p->deleteMulti(['a']), $p->deleteByPrefix(''),
                $p->compute('a', fn () => 'made'), $p->peek('a')->isFound(), count($p->fetchMulti(['a', 'b'])), $p->lease('a'),
                $p->gets('a', $token, 'none'), $token, $p->getsMulti(['a'], $tokens), $tokens, $p->casStore('a', 0, 1),
                $p->casDelete('a', 1), $p->merge('a', fn () => 1), $p->storeIfChanged('a', 1)->name, $p->touch('a'),
                $p->stamp('a'), $p->stampMulti(['a']), $p->exchangeWord('a', 0, 1), $p->entries(['a']), $p->info('a'),
                $p->markStale('a'), $p->markStaleMulti(['a']), $p->invalidateTags('t'), $p->clear(), $p->markAllStale(),
                $p->inc('n'), $p->dec('n'), $p->cas('n', 1, 2), $p->lockForRead('l'), $p->lockForWrite('l'), $p->push('a'),
                iterator_to_array($p->keys()), iterator_to_array($p->walk()), $p->count(), $p->fetch('a')->lease,
                SharedCache\Pool::isEnabled(),
            ]);
            PHP, ['cache.enable_cli' => '0', 'log_errors' => '0']);
        self::assertSame(json_encode([
            false, 'none', false, ['a', 'b'], [],
            [], false, false, ['a'], false,
            'made', false, 2, null,
            'none', 0, [], ['a' => 0], false,
            false, false, 'Failed', false,
            null, [], false, [], null,
            false, ['a'], false, false, false,
            null, null, false, null, null, false,
            [], [], 0, null,
            false,
        ]), $output);
    }

    public function testAMissingExtensionIsNamed(): void
    {
        $output = $this->php(
            'try { new SharedCache\Pool("a"); } catch (SharedCache\ExtensionMissingException $e) { echo $e->getMessage(), "\n"; }'
                . 'var_dump(SharedCache\Pool::isEnabled(), SharedCache\Pool::statistics());',
            extension: false,
        );
        self::assertStringContainsString('The extension "cache" is not loaded', $output);
        self::assertStringContainsString("bool(false)\narray(0) {\n}", $output);
    }
}
