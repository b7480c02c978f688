<?php

/*
 * A page that needs the whole package database: which packages pull in the most.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

require __DIR__ . '/packages.php';

$started = hrtime(true);
$packages = packages($origin);
$milliseconds = (hrtime(true) - $started) / 1e6;

uasort($packages, static fn (array $a, array $b) => $b['pulls_in']['kilobytes'] <=> $a['pulls_in']['kilobytes']);

header("X-Origin: $origin");
header(sprintf('X-Milliseconds: %.3f', $milliseconds));
header('X-Packages: ' . count($packages));
header('X-Worker: ' . getmypid());
?>
<!DOCTYPE html>
<title>The heaviest of <?= count($packages) ?> packages</title>
<table>
    <tr><th>package<th>version<th>pulls in<th>MB</tr>
<?php foreach (array_slice($packages, 0, 20) as $name => $package) { ?>
    <tr>
        <td><?= htmlspecialchars($name) ?>
        <td><?= htmlspecialchars($package['Version']) ?>
        <td><?= $package['pulls_in']['packages'] ?>
        <td><?= round($package['pulls_in']['kilobytes'] / 1024) ?>
    </tr>
<?php } ?>
</table>
