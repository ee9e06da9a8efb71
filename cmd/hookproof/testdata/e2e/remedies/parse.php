<?php
// Parses the snippets on standard input, a JSON array of {name, code}, and tells of each that is no PHP.
foreach (json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR) as $snippet) {
    try {
        token_get_all($snippet['code'], TOKEN_PARSE);
    } catch (ParseError $e) {
        echo $snippet['name'], ': ', $e->getMessage(), ' in line ', $e->getLine(), "\n";
    }
}
