"""Parses the snippets on standard input, a JSON array of {name, code}, and tells of each that is no Python."""

import ast
import json
import sys

for snippet in json.load(sys.stdin):
    try:
        ast.parse(snippet["code"])
    except SyntaxError as error:
        print(f"{snippet['name']}: {error}")
