<?php
declare(strict_types=1);

/** Processes of other users. */
final class Users
{
    public function __construct(private readonly Ground $ground)
    {
    }

    /** What PHP code that runs as that user prints as JSON. @param array<string, string> $settings */
    public function run(int $user, string $code, array $settings = []): mixed
    {
        $command = ['timeout', '-k', '5', '60', ...$this->command($user, $settings), '-r', "echo json_encode((function () { $code })());"];
        exec(implode(' ', array_map(escapeshellarg(...), $command)) . ' 2>&1', $lines, $status);
        $output = (string) end($lines); // before it may stand what it has to log
        $answer = json_decode($output, true);
        if ($status !== 0 || ($answer === null && $output !== 'null')) {
            check("a process of user $user runs", false, [$code, $status, $lines]);
        }

        return $answer;
    }

    /** One that stays until it is stopped. @param array<string, string> $settings */
    public function holder(int $user, string $code, array $settings = []): Holder
    {
        return $this->ground->holder($code, $this->command($user, $settings));
    }

    /** @param array<string, string> $settings @return list<string> */
    private function command(int $user, array $settings): array
    {
        return ['setpriv', "--reuid=$user", "--regid=$user", '--clear-groups',
            ...$this->ground->command($settings + ['cache.segment_dir' => '', 'log_errors' => '0', 'display_errors' => '0'])];
    }
}
