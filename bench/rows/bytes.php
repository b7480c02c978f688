<?php
/* What a value takes. The goals are beside APCu without a serializer ("default"): structures that need no decoding. */
declare(strict_types=1);

require_once __DIR__ . '/../lib/values.php';

return static function (Bench $bench): iterable {
    $stored = new Serializers(
        $bench,
        1,
        static fn (array $settings): array => $bench->php('bytes', $bench->libraries(), '64M', $settings),
    );
    $goals = ['10-element array' => Goal::ratio(1.0), '100 rows of 4' => Goal::ratio(0.6)];
    foreach (VALUES as $value) {
        yield $stored->figure($value, 'B', $goals[$value] ?? null, beside: 'default');
    }
};
