<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/**
 * A pattern of keys: literal text with placeholders. `{name}` stands for one or more bytes up to the first occurrence
 * of the byte that follows it in the pattern, at the end of the pattern for all that is left. `{name:\d+}` stands for
 * what the regular expression matches.
 */
final class Pattern
{
    private const PLACEHOLDER = '~\{([A-Za-z_]\w*)(?::((?:[^{}]|\{[^{}]*\})+))?\}~';

    /** @var list<string> the names of the placeholders, in order */
    public readonly array $names;
    /** What each key begins with. */
    public readonly string $prefix;
    private readonly string $expression;

    /** @throws \InvalidArgumentException the pattern cannot be used */
    public function __construct(public readonly string $pattern)
    {
        if ($pattern === '') {
            throw new \InvalidArgumentException('A pattern must not be empty');
        }
        $names = [];
        $expression = '';
        $at = 0;
        \preg_match_all(self::PLACEHOLDER, $pattern, $found, PREG_SET_ORDER | PREG_OFFSET_CAPTURE);
        foreach ($found as $placeholder) {
            $literal = \substr($pattern, $at, $placeholder[0][1] - $at);
            $at = $placeholder[0][1] + \strlen($placeholder[0][0]);
            $name = $placeholder[1][0];
            if (\in_array($name, $names, true)) {
                throw new \InvalidArgumentException("The pattern \"$pattern\" has the placeholder {{$name}} twice");
            }
            $next = $pattern[$at] ?? null;
            if ($next === '{' && !isset($placeholder[2])) {
                throw new \InvalidArgumentException(
                    "In the pattern \"$pattern\" nothing tells where {{$name}} ends: put text behind it, or "
                        . "write {{$name}:EXPRESSION}",
                );
            }
            $value = $placeholder[2][0] ?? ($next === null ? '.+' : '[^' . \preg_quote($next, '~') . ']+');
            $expression .= self::quote($literal, $pattern) . "(?<$name>" . \str_replace('~', '\~', $value) . ')';
            if (!$names) {
                $this->prefix = $literal;
            }
            $names[] = $name;
        }
        $rest = \substr($pattern, $at);
        $this->names = $names;
        $names || $this->prefix = $rest;
        $this->expression = '~^' . $expression . self::quote($rest, $pattern) . '$~sD';
        if (@\preg_match($this->expression, '') === false) {
            throw new \InvalidArgumentException(\sprintf(
                'An expression in the pattern "%s" is not valid: %s',
                $pattern,
                \preg_replace('~^preg_match\(\): ~', '', \error_get_last()['message'] ?? \preg_last_error_msg()),
            ));
        }
    }

    /** @return array<string, string>|null what stands at the placeholders, by name; null: another key */
    public function match(string $key): ?array
    {
        if (!\str_starts_with($key, $this->prefix) || !\preg_match($this->expression, $key, $match)) {
            return null;
        }
        $parameters = [];
        foreach ($this->names as $name) {
            $parameters[$name] = $match[$name];
        }

        return $parameters;
    }

    /**
     * A text with its placeholders filled in.
     *
     * @param array<string, string> $parameters
     */
    public static function fill(string $text, array $parameters): string
    {
        if (!\str_contains($text, '{')) {
            return $text;
        }
        $replace = [];
        foreach ($parameters as $name => $value) {
            $replace["{{$name}}"] = $value;
        }

        return \strtr($text, $replace);
    }

    private static function quote(string $literal, string $pattern): string
    {
        if (\strpbrk($literal, '{}') !== false) {
            throw new \InvalidArgumentException(
                "The pattern \"$pattern\" has a brace that belongs to no placeholder; {name} and "
                    . "{name:EXPRESSION} are placeholders",
            );
        }

        return \preg_quote($literal, '~');
    }
}
