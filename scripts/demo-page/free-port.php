<?php

/*
 * Prints a TCP port of the loopback interface that nobody listens on.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

$socket = stream_socket_server('tcp://127.0.0.1:0');
echo substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
