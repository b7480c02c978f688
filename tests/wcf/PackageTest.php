<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\package\PackageArchive;

/** The package for the ACP: what is in it, and that what it installs works by the line in config.inc.php. */
final class PackageTest extends TestCase
{
    private const BUILD = __DIR__ . '/../../php_src/bridges/wcf/package/build';

    private function build(string $name = 'package.tar'): string
    {
        exec(escapeshellarg(self::BUILD) . ' ' . escapeshellarg("$this->folder/$name") . ' 2>&1', $said, $status);
        self::assertSame(0, $status, implode("\n", $said));

        return "$this->folder/$name";
    }

    /** Unpacks as the installation does, files.tar into WCF's folder. */
    private function install(): string
    {
        $this->unpack($this->build(), "$this->folder/package");
        $this->unpack("$this->folder/package/files.tar", "$this->folder/wcf");

        return "$this->folder/wcf";
    }

    private function unpack(string $archive, string $folder): void
    {
        mkdir($folder);
        exec('tar xf ' . escapeshellarg($archive) . ' -C ' . escapeshellarg($folder) . ' 2>&1', $said, $status);
        self::assertSame(0, $status, implode("\n", $said));
    }

    public function testPackageXmlHasWhatTheAcpNeeds(): void
    {
        $this->install();
        $document = new \DOMDocument();
        self::assertTrue($document->load("$this->folder/package/package.xml"));
        $schema = getenv('WCF_LIB') . '/../../../../XSD/package.xsd';
        if (getenv('WCF_LIB') && is_file($schema)) {
            self::assertTrue($document->schemaValidate($schema));
        }
        $xpath = new \DOMXPath($document);
        $xpath->registerNamespace('w', 'http://www.woltlab.com');
        $text = static fn (string $path): string => $xpath->evaluate("string($path)");
        self::assertMatchesRegularExpression('/^\w[\w-]*\.\w[\w-]*(\.[\w-]+)+$/', $text('/w:package/@name'));
        self::assertMatchesRegularExpression('/^\d+\.\d+\.\d+( (Alpha|Beta|RC) \d+)?$/', $text('//w:version'));
        self::assertMatchesRegularExpression('/^\d{4}-\d\d-\d\d$/', $text('//w:date'));
        foreach ($xpath->query('//w:instruction[@type="file"]') as $instruction) {
            self::assertFileExists("$this->folder/package/$instruction->textContent");
        }
    }

    public function testItsFilesAreThoseOfTheBridgeAndTheLibrary(): void
    {
        $wcf = $this->install();
        $of = static function (string $folder): array {
            $files = [];
            foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($folder, \FilesystemIterator::SKIP_DOTS)) as $file) {
                $files[substr((string) $file, strlen($folder) + 1)] = hash_file('sha256', (string) $file);
            }
            ksort($files);

            return $files;
        };
        $source = __DIR__ . '/../../php_src';
        $installed = $of($wcf);
        foreach ($of("$source/bridges/wcf/lib") as $file => $hash) {
            self::assertSame($hash, $installed["lib/$file"] ?? null, $file);
        }
        foreach ($of("$source/src") as $file => $hash) {
            $expected = str_starts_with($file, 'Bridge/') ? null : $hash;
            self::assertSame($expected, $installed["lib/system/api/shared-cache/src/$file"] ?? null, $file);
        }
        self::assertFileEquals("$source/bridges/wcf/worker.php", "$wcf/shared-cache-worker.php");
        self::assertFileEquals($this->build('first.tar'), $this->build('second.tar'));
    }

    public function testTheLineInConfigIncPhpMakesItTheSource(): void
    {
        $wcf = $this->install();
        file_put_contents("$wcf/config.inc.php", <<<'PHP'
            <?php
            is_file(__DIR__ . '/lib/shared-cache.inc.php') && require __DIR__ . '/lib/shared-cache.inc.php';
            PHP);
        $wcfClasses = var_export((getenv('WCF_LIB') ?: __DIR__ . '/stubs') . '/', true);
        $folder = var_export("$wcf/", true);
        $code = "define('WCF_DIR', $folder); define('TIME_NOW', time()); define('ENABLE_DEBUG_MODE', true); \$wcf = $wcfClasses;" . <<<'PHP'
            spl_autoload_register(static function (string $class) use ($wcf): void {
                $file = strtr(substr($class, 4), '\\', '/') . '.class.php';
                foreach ([WCF_DIR . 'lib/', $wcf] as $folder) {
                    if (str_starts_with($class, 'wcf\\') && is_file($folder . $file)) { require $folder . $file; return; }
                }
            });
            // As WCF::initDB(), and then options.inc.php, do it.
            (static function (): void { require WCF_DIR . 'config.inc.php'; })();
            if (!defined('CACHE_SOURCE_TYPE')) define('CACHE_SOURCE_TYPE', 'disk');
            $source = wcf\system\cache\CacheHandler::getInstance()->getCacheSource();
            $source->set('name', ['value'], 60);
            $library = (new ReflectionClass(SharedCache\Pool::class))->getFileName();
            echo json_encode([CACHE_SOURCE_TYPE, get_class($source), $source->get('name', 60), str_starts_with($library, realpath(WCF_DIR))]);
            PHP;
        file_put_contents("$this->folder/page.php", "<?php $code");
        self::assertSame(
            '["shared","wcf\\\\system\\\\cache\\\\source\\\\SharedCacheSource",["value"],true]',
            $this->page("$this->folder/page.php"),
        );
    }

    /** A process that has nothing of this repository loaded. */
    private function page(string $file): string
    {
        $command = [getenv('CACHE_TEST_PHP'), '-n', '-d', 'extension=' . getenv('CACHE_TEST_EXTENSION'), '-d', 'cache.enable_cli=1'];
        array_push($command, '-d', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT'), '-d', 'display_errors=1', $file);
        exec(implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1', $said, $status);
        self::assertSame(0, $status, implode("\n", $said));

        return implode("\n", $said);
    }

    public function testWcfsOwnClassReadsThePackage(): void
    {
        if (!class_exists(PackageArchive::class)) {
            self::markTestSkipped('needs the real PackageArchive: WCF_LIB=/path/to/wcf/lib');
        }
        $archive = new PackageArchive($this->build());
        $archive->openArchive();
        self::assertSame('cache-ext.shared-cache.wcf', $archive->getPackageInfo('name'));
        $instructions = $archive->getInstallInstructions();
        self::assertSame(['file', 'files.tar'], [$instructions[0]['pip'], $instructions[0]['value']]);
        self::assertSame('com.woltlab.wcf', $archive->getRequirements()['com.woltlab.wcf']['name']);
    }
}
