<?php
// Works on what receiver.php has put on the spool, each event once.

declare(strict_types=1);

$spool = getenv('SPOOL');
$effects = []; // how often each event was worked on; a database in real life

// The idempotency key of an event, null for what this receiver has no use for.
function key_of(object $event): ?string
{
    $message = $event->data->message ?? null;
    if (!is_object($message)) {
        return null;
    }
    $parts = [$event->webhook ?? '', $event->trigger, $message->id ?? ''];
    return match ($event->trigger) {
        'message_sent', 'message_deleted', 'user_mentioned' => implode('|', $parts),
        'message_edited' => implode('|', [...$parts, $message->updatedAt ?? '']),
        default => null,
    };
}

while (true) {
    foreach (glob("$spool/*.event") as $file) {
        $key = key_of(json_decode(file_get_contents($file), false, 2048));
        if ($key !== null && !isset($effects[$key])) {
            $effects[$key] = 1;
            file_put_contents("$spool/effects.tmp", json_encode($effects, JSON_FORCE_OBJECT));
            rename("$spool/effects.tmp", "$spool/effects.json");
        }
        unlink($file);
    }
    usleep(10_000);
}
