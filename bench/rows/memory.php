<?php
/*
 * Keys of 16 bytes; segments of several sizes. "at most": by the most entries that there ever were. "of the file": the
 * bytes that the file takes of its file system then, its tables of processes included.
 */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $types = ['int' => ['int', 112], 'string' => ['100-byte string', 220]];
    foreach ($types as $type => [$name, $limit]) {
        foreach ($bench->full([16, 64, 128], [16]) as $megabytes) {
            $bytes = $megabytes << 20;
            // Or APCu would walk chains of hundreds of entries.
            $settings = ['apc.entries_hint' => $bytes >> 10];
            $results = [];
            foreach ($bench->libraries() as $library) {
                $results[$library] = $bench->php('memory', [$type, $library], "{$megabytes}M", $settings);
            }
            yield new Figure(
                "$name, $megabytes MB",
                $bytes / $results['cache']['first'],
                isset($results['apcu']) ? $bytes / $results['apcu']['first'] : null,
                'B',
                Goal::atMost($limit, 'B'),
                [
                    'entries' => quantity($results['cache']['first']),
                    'at most' => quantity($bytes / $results['cache']['most'], 'B'),
                    'of the file' => quantity($results['cache']['bytes'] / $results['cache']['most'], 'B'),
                ],
            );
        }
    }
};
