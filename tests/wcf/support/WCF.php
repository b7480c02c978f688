<?php

declare(strict_types=1);

namespace wcf\system;

/** As much of the core as its disk cache asks for. Also where the real WCF is tested, whose class begins a session. */
class WCF
{
    public static function resetZendOpcache(string $script = ''): void
    {
    }

    public static function debugModeIsEnabled(bool $ignoreACP = false): bool
    {
        return false;
    }
}
