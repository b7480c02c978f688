<?php
/* Runs the code in the query, as `code`: for drills in which it matters who does something, not what a page looks like. */
declare(strict_types=1);

require_once __DIR__ . '/common.php';

echo json_encode(eval($_GET['code']));
