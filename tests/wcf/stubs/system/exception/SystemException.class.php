<?php

declare(strict_types=1);

namespace wcf\system\exception;

class SystemException extends \Exception
{
}
