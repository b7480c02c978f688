<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/** PHP runs without the extension. One that is loaded, but disabled, is an empty cache instead. */
final class ExtensionMissingException extends \RuntimeException
{
    public function __construct()
    {
        parent::__construct(\sprintf(
            'The extension "cache" is not loaded by this PHP (%s): install it, and add extension=cache to %s',
            PHP_SAPI,
            \php_ini_loaded_file() ?: 'php.ini',
        ));
    }
}
