<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use SharedCache\Rebuild\Context;
use SharedCache\Rebuild\Loader;
use SharedCache\Rebuild\Registry;
use SharedCache\Rebuild\UnknownKeyException;

enum Colour: string
{
    case Red = 'red';
}

enum Level: int
{
    case One = 1;
}

final class Database
{
    public string $name = 'the database';
}

final class BoardLoader implements Loader
{
    public function __construct(private int $board, private Database $database, private string $language = 'en')
    {
    }

    public function load(Context $context): mixed
    {
        return [$this->board, $this->database->name, $this->language, $context->key];
    }
}

/** A PSR-11 container. */
final class Services
{
    public int $asked = 0;

    public function has(string $id): bool
    {
        return $id === Database::class;
    }

    public function get(string $id): object
    {
        $this->asked++;

        return new $id();
    }
}

final class RegistryTest extends TestCase
{
    private function load(Registry $registry, string $key, string $queue = 'pages'): mixed
    {
        [$route, $parameters] = $registry->match($queue, $key);

        return ($route->load)(new Context($queue, $key, $parameters, ['the' => 'payload'], 2));
    }

    public function testMakesAClassWithWhatTheKeySays(): void
    {
        $services = new Services();
        $registry = (new Registry($services))
            ->add('pages', 'board:{board}', BoardLoader::class)
            ->add('pages', '{language}/board/{board}', BoardLoader::class);
        self::assertSame([7, 'the database', 'en', 'board:7'], $this->load($registry, 'board:7'));
        self::assertSame([8, 'the database', 'de', 'de/board/8'], $this->load($registry, 'de/board/8'));
        self::assertSame(2, $services->asked);
    }

    public function testCallsACallableWithWhatItDeclares(): void
    {
        $registry = (new Registry())->add(
            'pages',
            '{a}:{b}:{c}:{d}:{e}:{f}',
            fn (Context $context, int $a, float $b, bool $c, string $d, Colour $e, Level $f, $none = 'default'): array =>
                [$a, $b, $c, $d, $e, $f, $none, $context->payload, $context->attempt, $context->parameters['a']],
        );
        self::assertSame(
            [-3, 1.5, true, '007', Colour::Red, Level::One, 'default', ['the' => 'payload'], 2, '-3'],
            $this->load($registry, '-3:1.5:1:007:red:1'),
        );
    }

    /** @dataProvider wrongTypes */
    public function testSaysWhichPartOfTheKeyHasTheWrongType(callable $loader, string $sentence): void
    {
        $registry = (new Registry())->add('pages', 'x:{value}', $loader);
        $this->expectException(UnknownKeyException::class);
        $this->expectExceptionMessage($sentence);
        $this->load($registry, 'x:blue');
    }

    public static function wrongTypes(): array
    {
        return [
            'int' => [fn (int $value) => 1, 'In the key "x:blue", {value} is "blue", which is no int'],
            'float' => [fn (?float $value) => 1, 'is no float'],
            'bool' => [fn (bool $value) => 1, 'is no bool'],
            'enum' => [fn (Colour $value) => 1, 'is no Colour'],
            'enum of numbers' => [fn (Level $value) => 1, 'is no Level'],
        ];
    }

    public function testOfAUnionTheFirstThatFits(): void
    {
        $registry = (new Registry())->add('pages', 'x:{value}', fn (int|float $value): int|float => $value);
        self::assertSame(5, $this->load($registry, 'x:5'));
        self::assertSame(5.5, $this->load($registry, 'x:5.5'));
    }

    public function testAPatternWithoutPlaceholdersComesFirstThenTheFirstAdded(): void
    {
        $registry = (new Registry())
            ->add('pages', 'user:{id:\d+}', fn (): string => 'number')
            ->add('pages', 'user:{name}', fn (): string => 'name')
            ->add('pages', 'user:{other:.*}', fn (): string => 'never')
            ->add('pages', 'user:admin', fn (): string => 'exact');
        self::assertSame('number', $this->load($registry, 'user:7'));
        self::assertSame('name', $this->load($registry, 'user:x'));
        self::assertSame('exact', $this->load($registry, 'user:admin'));
    }

    public function testQueuesAreSeparate(): void
    {
        $registry = (new Registry())->add('pages', 'a', fn () => 1)->add('7', 'a', fn () => 2);
        self::assertSame(2, $this->load($registry, 'a', '7'));
        self::assertSame(['pages', '7'], $registry->queues());
    }

    public function testSaysWhatIsMissing(): void
    {
        $registry = (new Registry())->add('pages', 'a', fn () => 1);
        foreach ([
            ['pages', 'b', 'No loader of the queue "pages" is registered for the key "b"; add one to the registry'],
            ['mails', 'a', 'No loader is registered for the queue "mails"; add one to the registry'],
        ] as [$queue, $key, $sentence]) {
            try {
                $registry->match($queue, $key);
                self::fail('matched');
            } catch (UnknownKeyException $error) {
                self::assertSame($sentence, $error->getMessage());
            }
        }
    }

    public function testFillsTags(): void
    {
        $registry = (new Registry())->add('pages', 'board:{board}', fn () => 1, tags: ['board:{board}', 'boards']);
        [$route, $parameters] = $registry->match('pages', 'board:7');
        self::assertSame(['board:7', 'boards'], $route->tags($parameters));
    }

    /** @dataProvider refused */
    public function testRefusesWhatCannotWork(callable $add, string $sentence): void
    {
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage($sentence);
        $add((new Registry())->add('pages', 'taken', fn () => 1)->add('pages', 'taken:{x}', fn () => 1));
    }

    public static function refused(): array
    {
        $loader = fn () => 1;

        return [
            'a taken key' => [fn (Registry $r) => $r->add('pages', 'taken', $loader), 'has a loader for "taken" already'],
            'a taken pattern' => [fn (Registry $r) => $r->add('pages', 'taken:{x}', $loader), 'has a loader for "taken:{x}" already'],
            'a queue without a name' => [fn (Registry $r) => $r->add('', 'a', $loader), '1 to 255 bytes'],
            'a name too long' => [fn (Registry $r) => $r->add(str_repeat('q', 256), 'a', $loader), '1 to 255 bytes'],
            'no class' => [fn (Registry $r) => $r->add('pages', 'a', 'NoSuchClass'), 'neither a class that can be loaded nor callable: "NoSuchClass"'],
            'another class' => [fn (Registry $r) => $r->add('pages', 'a', ArrayObject::class), 'ArrayObject is no loader'],
            'the interface' => [fn (Registry $r) => $r->add('pages', 'a', Loader::class), 'neither a class'],
            'a parameter from nowhere' => [fn (Registry $r) => $r->add('pages', 'a:{x}', fn ($y) => 1), '$y of the callable for "a:{x}" shall be: the pattern "a:{x}" has only the placeholders {x}, and the registry has no container'],
            'a constructor with one' => [fn (Registry $r) => $r->add('pages', 'a:{board}', BoardLoader::class), '$database of the constructor of BoardLoader'],
            'a tag from nowhere' => [fn (Registry $r) => $r->add('pages', 'a', $loader, tags: ['b:{c}']), 'names {c}'],
            'a negative time' => [fn (Registry $r) => $r->add('pages', 'a', $loader, ttl: -1), 'negative'],
            'no container' => [fn () => new Registry(new stdClass()), 'PSR-11'],
        ];
    }
}
