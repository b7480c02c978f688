<?php
declare(strict_types=1);

/* What the value "1000 products" is made of: classes as they stand in an application's domain. */

final class Money
{
    public function __construct(public readonly int $cents, public readonly string $currency)
    {
    }
}

class Product
{
    protected ?string $note = null;

    public function __construct(
        public readonly int $id,
        private string $name,
        private readonly Money $price,
        private float $weight,
        public bool $available = true,
    ) {
    }

    public function label(): string
    {
        return "$this->name, {$this->price->cents} {$this->price->currency}";
    }
}
