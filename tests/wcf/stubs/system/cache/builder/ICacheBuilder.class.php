<?php

declare(strict_types=1);

namespace wcf\system\cache\builder;

/** A legacy builder, as the rest of WCF sees it. */
interface ICacheBuilder
{
    public function getData(array $parameters = [], $arrayIndex = '');

    public function getMaxLifetime();

    public function reset(array $parameters = []);
}
