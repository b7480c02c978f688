<?php
/*
 * A page that needs one array of 1000 rows, of which it shows the sum and the last ones, 20 small arrays, an object
 * and a counter. cached() and visits() are of the file that includes this one.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/values.php';

$rows = cached('page:rows', static fn (): array => value('1000 nested rows'));
$total = 0.0;
foreach ($rows as $row) {
    $total += $row['price'];
}
$featured = cached('page:featured', static fn (): Product => product(7));
header('X-Visits: ' . visits());
?>
<!DOCTYPE html>
<title><?= count($rows) ?> articles</title>
<p>Featured: <?= htmlspecialchars($featured->label()) ?></p>
<ul>
<?php for ($i = 1; $i <= 20; ++$i) { ?>
    <?php $account = cached("page:account:$i", static fn (): array => account($i)) ?>
    <li><?= htmlspecialchars($account['name']) ?>: <?= $account['points'] ?></li>
<?php } ?>
</ul>
<table>
<?php foreach (array_slice($rows, -20) as $row) { ?>
    <tr>
        <td><?= htmlspecialchars($row['name']) ?></td>
        <td><?= htmlspecialchars(implode(', ', $row['tags'])) ?></td>
        <td><?= number_format($row['price'], 2) ?></td>
    </tr>
<?php } ?>
</table>
<p>All together: <?= number_format($total, 2) ?></p>
