<?php
/* /page?KEY: the data of a page, as JSON. */
declare(strict_types=1);

require_once __DIR__ . '/../application.php';

$application = new Application(ini_get('user_agent'));
$reader = new SharedCache\Rebuild\Reader($application->registry(), Application::QUEUE);
echo json_encode($reader->get($_SERVER['QUERY_STRING']) + ['worker' => getmypid()]);
