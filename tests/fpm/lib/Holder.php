<?php
declare(strict_types=1);

/** A process of the command line that runs some code, says so, and goes on to live until it is let go. */
final class Holder
{
    /** @var resource */
    private $process;
    /** @var array<int, resource> */
    private array $pipes = [];
    public readonly int $pid;

    /** @param list<string> $command that runs what it is given after -r */
    public function __construct(array $command, string $code)
    {
        $code .= '; echo "ready\n"; fgets(STDIN);';
        $this->process = proc_open([...$command, '-r', $code], [['pipe', 'r'], ['pipe', 'w'], STDERR], $this->pipes);
        $this->pid = proc_get_status($this->process)['pid'];
        if (fgets($this->pipes[1]) !== "ready\n") {
            throw new RuntimeException("a process did not come so far: $code");
        }
    }

    public function stop(): void
    {
        if (is_resource($this->process)) {
            fclose($this->pipes[0]);
            fclose($this->pipes[1]);
            proc_close($this->process);
        }
    }
}
