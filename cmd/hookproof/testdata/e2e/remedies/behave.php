<?php
// Runs what the snippets on standard input define, a JSON array of {name, code}, and tells where it does not do what it says.
$code = array_column(json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR), 'code', 'name');
foreach (['bad-body', 'storage', 'key', 'tolerant'] as $name) {
    eval(substr($code[$name], strlen('<?php')));
}

function want(string $what, mixed $got, mixed $wanted): void
{
    if ($got !== $wanted) {
        echo $what, ': got ', json_encode($got), ', want ', json_encode($wanted), "\n";
    }
}

foreach (['', '{"trigger":', 'null', '[]', '"x"', '1', '{"trigger":1,"data":{}}', '{"trigger":"a","data":"x"}', '{"trigger":"a"}', "{\"trigger\":\"\xff\",\"data\":{}}"] as $body) {
    want("bad-body of $body", parse($body), null);
}
want('bad-body of an event', parse('{"trigger":"a","data":{}}'), ['trigger' => 'a', 'data' => []]);
want('storage', storable("a\0b"), "a\u{FFFD}b");
want('storage: half an emoji', decode('{"a":"\ud83d"}'), null);
$event = ['webhook' => 'w', 'trigger' => 'message_edited', 'data' => ['message' => ['id' => '1', 'updatedAt' => 5]]];
want('key', key_of($event), 'w/message_edited/1/5');
want('key', key_of(['trigger' => 'message_sent'] + $event), 'w/message_sent/1');
want('tolerant: an edit as documented', edited(['category' => 'action', 'data' => ['entities' => ['on' => ['entity' => ['id' => '1']]]]]), ['id' => '1']);
want('tolerant: an edit as seen live', edited(['category' => 'message', 'id' => '1']), ['category' => 'message', 'id' => '1']);
want('tolerant: an empty text', text_of(['data' => ['text' => '']]), '');
want('tolerant: no text', text_of(['category' => 'action']), null);
