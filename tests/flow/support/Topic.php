<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

final class Topic
{
    public function __construct(
        public ?int $id,
        public int $board,
        public int $updated,
        public string $title = 'title',
        public ?string $slug = null,
    ) {
    }

    public static function of(array $row, ?self $inserted = null): self
    {
        if ($inserted) {
            $inserted->id = $row['id'];

            return $inserted;
        }

        return new self($row['id'], $row['board'], $row['updated'], $row['title'], $row['slug']);
    }

    public function row(): array
    {
        return array_filter(get_object_vars($this), static fn (mixed $value, string $name): bool => $name !== 'id' || $value !== null,
            ARRAY_FILTER_USE_BOTH);
    }
}
