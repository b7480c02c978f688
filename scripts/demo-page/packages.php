<?php

/*
 * Debian's package database as nested arrays, through the cache.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

const PACKAGE_DATABASE = '/var/lib/dpkg/status';

/* The entry, and the queue of those who renew it. */
const PACKAGES = 'packages';
const PACKAGES_QUEUE = 'demo';

/**
 * The whole database, from the cache if it is there, also if it is stale: then a worker of the queue renews it.
 *
 * @param string|null $origin where it came from
 * @return array<string, array<string, mixed>> by package name
 */
function packages(?string &$origin = null): array
{
    $packages = cache_fetch_stale(PACKAGES, $state, queue: PACKAGES_QUEUE);
    if ($state !== CACHE_STATE_MISSING) {
        $origin = $state === CACHE_STATE_STALE ? 'cache, stale' : 'cache';

        return $packages;
    }
    $packages = packages_read();
    $origin = cache_store(PACKAGES, $packages, ttl: 3600, stale_ttl: 3600) ? 'parser' : 'parser, and could not be stored';

    return $packages;
}

/** @return array<string, array<string, mixed>> */
function packages_read(): array
{
    return packages_parse(file_get_contents(PACKAGE_DATABASE));
}

/** @return array<string, array<string, mixed>> */
function packages_parse(string $status): array
{
    $packages = [];
    foreach (explode("\n\n", trim($status)) as $paragraph) {
        $fields = packages_fields($paragraph);
        if (!str_contains($fields['Status'] ?? '', ' installed')) {
            continue;
        }
        foreach (['Pre-Depends', 'Depends', 'Recommends', 'Suggests', 'Conflicts', 'Breaks', 'Provides'] as $relation) {
            $fields[$relation] = packages_relation($fields[$relation] ?? '');
        }
        $packages[$fields['Package']] = $fields;
    }
    ksort($packages);

    return packages_link($packages);
}

/** @return array<string, string> the fields of one paragraph; lines that begin with a space continue the one before */
function packages_fields(string $paragraph): array
{
    $fields = [];
    $name = '';
    foreach (explode("\n", $paragraph) as $line) {
        if ($line[0] === ' ') {
            $fields[$name] .= "\n" . substr($line, 1);
        } else {
            [$name, $value] = explode(':', $line, 2);
            $fields[$name] = ltrim($value);
        }
    }

    return $fields;
}

/**
 * "libc6 (>= 2.36), default-mta | exim4"
 *
 * @return list<list<array{name: string, operator: string, version: string}>> all of them, any of each
 */
function packages_relation(string $field): array
{
    if ($field === '') {
        return [];
    }
    $all = [];
    foreach (explode(',', $field) as $alternatives) {
        $any = [];
        foreach (explode('|', $alternatives) as $package) {
            preg_match('~^\s*([^\s:(]+)(?::\w+)?\s*(?:\((<<|<=|=|>=|>>)\s*([^)\s]+)\s*\))?~', $package, $match);
            $any[] = ['name' => $match[1], 'operator' => $match[2] ?? '', 'version' => $match[3] ?? ''];
        }
        $all[] = $any;
    }

    return $all;
}

/**
 * Adds to each package 'needed_by', the packages that depend on it directly, and 'pulls_in', all that it depends on
 * directly or not, with their size in kB.
 *
 * @param array<string, array<string, mixed>> $packages
 * @return array<string, array<string, mixed>>
 */
function packages_link(array $packages): array
{
    $needs = packages_needs($packages);
    $needed_by = array_fill_keys(array_keys($packages), []);
    foreach ($needs as $name => $needed) {
        foreach ($needed as $other) {
            $needed_by[$other][] = $name;
        }
    }
    foreach ($packages as $name => $package) {
        $reached = [$name => true];
        for ($queue = [$name]; $queue; $queue = array_keys($next)) {
            $next = [];
            foreach ($queue as $one) {
                $next += array_diff_key(array_fill_keys($needs[$one], true), $reached);
            }
            $reached += $next;
        }
        unset($reached[$name]);
        $size = 0;
        foreach ($reached as $other => $_) {
            $size += (int) ($packages[$other]['Installed-Size'] ?? 0);
        }
        $packages[$name]['needed_by'] = $needed_by[$name];
        $packages[$name]['pulls_in'] = ['packages' => count($reached), 'kilobytes' => $size];
    }

    return $packages;
}

/**
 * @param array<string, array<string, mixed>> $packages
 * @return array<string, list<string>> for each package the installed ones that its dependencies mean
 */
function packages_needs(array $packages): array
{
    $providers = [];
    foreach ($packages as $name => $package) {
        foreach ($package['Provides'] as [$virtual]) {
            $providers[$virtual['name']] ??= $name;
        }
    }
    $needs = [];
    foreach ($packages as $name => $package) {
        $needs[$name] = [];
        foreach ([...$package['Pre-Depends'], ...$package['Depends']] as $alternatives) {
            foreach (array_column($alternatives, 'name') as $wanted) {
                $other = isset($packages[$wanted]) ? $wanted : $providers[$wanted] ?? null;
                if ($other !== null) {
                    $needs[$name][] = $other;
                    break;
                }
            }
        }
    }

    return $needs;
}
