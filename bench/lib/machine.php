<?php
declare(strict_types=1);

/** @return array<string, string> where and with what the figures come about */
function machine(Bench $bench): array
{
    $versions = $bench->php('versions', $bench->libraries());

    return [
        'date' => gmdate('Y-m-d H:i') . ' UTC',
        'machine' => processor() . ', ' . php_uname('s') . ' ' . php_uname('r'),
        'PHP' => PHP_VERSION . (PHP_ZTS ? ' ZTS' : '') . (PHP_DEBUG ? ' debug' : '') . ", opcache $versions[opcache]",
        'cache' => $versions['cache'],
        'APCu' => $versions['apcu'] ?? 'not there: nothing to compare with',
        'load' => load(),
    ];
}

function processor(): string
{
    $text = (string) file_get_contents('/proc/cpuinfo');
    preg_match('/^model name\s*: (.*)$/m', $text, $name);
    $memory = preg_match('/^MemTotal:\s*(\d+)/m', (string) file_get_contents('/proc/meminfo'), $kilobytes)
        ? sprintf(', %.0f GB', $kilobytes[1] / 1048576)
        : '';

    return preg_match_all('/^processor\s*:/m', $text) . ' × ' . ($name[1] ?? php_uname('m')) . $memory;
}

/** Processes that want a processor, in the last minute: more than a few and the figures are of little worth. */
function load(): string
{
    return sprintf('%.1f', sys_getloadavg()[0]);
}

/** @param array<string, string> $machine */
function heading(array $machine): string
{
    $rows = [];
    foreach ($machine as $name => $value) {
        $rows[] = ['' => $name, 'of this run' => $value];
    }

    return table($rows);
}
