// pretty indents JSON without touching its tokens: parsing and printing again
// would change long numbers and drop members that are there twice. What is no
// JSON stays as it is.
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g);
  let out = "", depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  tokens.forEach((token, i) => {
    const empty = (tokens[i - 1] === "{" && token === "}") || (tokens[i - 1] === "[" && token === "]");
    if (token === "{" || token === "[") {
      depth++;
      out += token + ("}]".includes(tokens[i + 1]) ? "" : line());
    } else if (token === "}" || token === "]") {
      depth--;
      out += (empty ? "" : line()) + token;
    } else if (token === ",") out += token + line();
    else if (token === ":") out += ": ";
    else out += token;
  });
  return out;
}
