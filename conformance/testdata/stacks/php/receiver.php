<?php
// A webhook receiver in plain PHP. It puts events on a spool and answers; worker.php does the work.
// PHP_CLI_SERVER_WORKERS=8 php -S 127.0.0.1:8080 receiver.php

declare(strict_types=1);

const MAX_BODY = 1024 * 1024;

function answer(int $status, array $headers = []): never
{
    http_response_code($status);
    foreach ($headers as $header) {
        header($header);
    }
    exit;
}

function authorized(): bool
{
    [$scheme, $credentials] = explode(' ', $_SERVER['HTTP_AUTHORIZATION'] ?? '', 2) + ['', ''];
    $expected = base64_encode(getenv('WEBHOOK_USER') . ':' . getenv('WEBHOOK_PASS'));
    return strtolower($scheme) === 'basic' && hash_equals($expected, $credentials);
}

if (!authorized()) {
    answer(401, ['WWW-Authenticate: Basic realm="webhook"']);
}
$spool = getenv('SPOOL');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/effects' && $_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: application/json');
    echo is_file("$spool/effects.json") ? file_get_contents("$spool/effects.json") : '{}';
    exit;
}
if ($path !== '/webhook') {
    answer(404);
}
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    answer(405, ['Allow: POST']);
}
$type = strtolower(trim(explode(';', $_SERVER['CONTENT_TYPE'] ?? '')[0]));
if ($type !== 'application/json') {
    answer(415);
}
$body = file_get_contents('php://input', length: MAX_BODY + 1);
if (strlen($body) > MAX_BODY) {
    answer(413);
}
// Objects stay objects: as arrays, {} and [] would be the same, and so would the uids "1" and 1.
$event = json_decode($body, false, 2048);
if (!is_object($event) || !is_string($event->trigger ?? null) || !is_object($event->data ?? null)) {
    answer(400);
}
// Written aside and moved into place, so that the worker never reads half an event.
$name = sprintf('%.6f-%s', microtime(true), bin2hex(random_bytes(8)));
if (file_put_contents("$spool/$name.tmp", $body) === false || !rename("$spool/$name.tmp", "$spool/$name.event")) {
    answer(503, ['Retry-After: 5']);
}
answer(200);
