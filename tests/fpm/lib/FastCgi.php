<?php
declare(strict_types=1);

/** What came back from php-fpm. */
final class Answer
{
    /** @param string $end `whole`; `broken`: the connection ended early; `refused`; `hung`: there was no end within the limit */
    public function __construct(
        public readonly string $end,
        public readonly string $body,
        public readonly string $headers,
        public readonly string $errors,
        public readonly float $seconds,
    ) {
    }

    /** What a page of these tests has to say, or null: it did not come to its end. @return array<string, mixed>|null */
    public function report(): ?array
    {
        $report = $this->end === 'whole' ? json_decode($this->body, true) : null;

        return is_array($report) ? $report : null;
    }
}

/** A FastCGI client: one request for each connection (FastCGI Specification 1.0, Open Market 1996). */
final class FastCgi
{
    private const BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, STDERR = 7;
    /** Longer than anything here may take on a machine that is busy: what is not there by then hangs. */
    public const LIMIT = 60;

    /** @param array<string, string|int> $query */
    public static function get(string $socket, string $script, array $query = []): Answer
    {
        $began = hrtime(true);
        $connection = self::send($socket, $script, $query);

        return $connection ? self::receive($connection, $began) : new Answer('refused', '', '', '', 0);
    }

    /** @param array<string, string|int> $query @return resource|null */
    public static function send(string $socket, string $script, array $query = [])
    {
        $connection = @stream_socket_client("unix://$socket", $error, $message, 10);
        if (!$connection) {
            return null;
        }
        stream_set_timeout($connection, self::LIMIT);
        $parameters = '';
        $variables = [
            'SCRIPT_FILENAME' => $script, 'SCRIPT_NAME' => '/' . basename($script), 'REQUEST_METHOD' => 'GET',
            'SERVER_PROTOCOL' => 'HTTP/1.1', 'QUERY_STRING' => http_build_query($query),
        ];
        foreach ($variables as $name => $value) {
            $parameters .= chr(strlen($name)) . pack('N', strlen($value) | 0x80000000) . $name . $value;
        }
        $records = '';
        foreach ([[self::BEGIN, pack('nCx5', 1, 0)], [self::PARAMS, $parameters], [self::PARAMS, ''], [self::STDIN, '']] as [$type, $content]) {
            $records .= pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
        }
        @fwrite($connection, $records); // nobody may be there to read it any more, which shows when the answer is read

        return $connection;
    }

    /** @param resource $connection */
    public static function receive($connection, ?int $began = null): Answer
    {
        $began ??= hrtime(true);
        $output = $errors = '';
        $end = 'broken';
        while (strlen($head = (string) @stream_get_contents($connection, 8)) === 8) {
            ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
            $content = $length ? (string) @stream_get_contents($connection, $length) : '';
            $padding && @stream_get_contents($connection, $padding);
            if ($type === self::STDOUT) {
                $output .= $content;
            } elseif ($type === self::STDERR) {
                $errors .= $content;
            } elseif ($type === self::END) {
                $end = 'whole';
                break;
            }
        }
        if ($end !== 'whole' && stream_get_meta_data($connection)['timed_out']) {
            $end = 'hung';
        }
        fclose($connection);
        [$headers, $body] = explode("\r\n\r\n", $output, 2) + ['', ''];

        return new Answer($end, $body, $headers, $errors, (hrtime(true) - $began) / 1e9);
    }
}
