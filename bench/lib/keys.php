<?php
declare(strict_types=1);

/** Which keys a chunk of calls uses. All have 20 bytes. */
enum Keys: string
{
    /** One that stands in the code. */
    case Literal = 'literal key';
    /** One of eight that are put together just before. */
    case Computed = 'computed key';
    /** Another one for each call: entries are added, none is replaced. */
    case New = 'new key';

    /** Code that comes before each call. */
    public function prepare(): string
    {
        return match ($this) {
            self::Literal => '',
            self::Computed => "\$key = 'bench:operation:k:0' . (\$i & 7);",
            self::New => "\$key = 'bench:new:' . (1_000_000_000 + \$first + \$i);",
        };
    }

    /** The key, as code. */
    public function code(): string
    {
        return $this === self::Literal ? "'bench:operation:k:01'" : '$key';
    }
}
