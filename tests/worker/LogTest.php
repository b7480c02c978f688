<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use SharedCache\Log\LineLogger;
use SharedCache\Log\NullLogger;
use SharedCache\Log\PsrLogger;

final class LogTest extends TestCase
{
    private string $written = '';

    private function logger(string $from = 'debug', bool $json = false, bool $colours = false): LineLogger
    {
        return new LineLogger(function (string $text): void {
            $this->written .= $text;
        }, $from, $json, $colours);
    }

    public function testALineForPeople(): void
    {
        $this->logger()->log('info', '{queue} {key}: {n} {none} {object}', ['queue' => 'a', 'key' => "b\e[31m\n", 'n' => 5, 'object' => $this]);
        self::assertMatchesRegularExpression('~^\d\d:\d\d:\d\d \[' . getmypid() . '\] a b\\\\033\[31m\\\\n: 5 \{none\} \{object\}\n$~', $this->written);
    }

    public function testALineForMachines(): void
    {
        $this->logger(json: true)->log('warning', 'of {key}', ['event' => 'failed', 'key' => "x\xff", 'list' => [1], 'exception' => new Exception()]);
        $line = json_decode($this->written, true, 512, JSON_THROW_ON_ERROR);
        self::assertSame(['time', 'pid', 'level', 'message', 'event', 'key', 'list'], array_keys($line));
        self::assertSame(['warning', 'failed', "x\u{fffd}", [1]], [$line['level'], $line['event'], $line['key'], $line['list']]);
        self::assertNotFalse(DateTimeImmutable::createFromFormat('Y-m-d\TH:i:s.uP', $line['time']));
    }

    public function testLevels(): void
    {
        $logger = $this->logger('warning');
        self::assertSame([false, true, true], [$logger->wants('notice'), $logger->wants('warning'), $logger->wants('error')]);
        $logger->log('notice', 'no');
        $logger->log('error', 'yes');
        self::assertSame(1, substr_count($this->written, "\n"));
        self::assertFalse((new NullLogger())->wants('emergency'));
    }

    public function testColours(): void
    {
        $this->logger(colours: true)->log('error', 'red');
        self::assertMatchesRegularExpression('~^\e\[31m.*red\e\[0m\n$~', $this->written);
    }

    public function testAPsrLoggerGetsWhatItWants(): void
    {
        if (!interface_exists(Psr\Log\LoggerInterface::class)) {
            self::markTestSkipped('psr/log is not installed');
        }
        $inner = $this->createMock(Psr\Log\LoggerInterface::class);
        $inner->expects(self::once())->method('log')->with('error', 'a {b}', ['b' => 1]);
        $logger = new PsrLogger($inner, 'warning');
        $logger->log('info', 'no');
        $logger->log('error', 'a {b}', ['b' => 1]);
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage('"loud" is no level of PSR-3; these are: debug, info');
        new PsrLogger($inner, 'loud');
    }
}
