// Parses the snippets on standard input, a JSON array of {name, code}, and tells of each that is no JavaScript.
const vm = require('node:vm');

for (const { name, code } of JSON.parse(require('node:fs').readFileSync(0, 'utf8'))) {
  try {
    new vm.Script(`(async function () {${code}\n})`); // with await at the top
  } catch (err) {
    console.log(`${name}: ${err}`);
  }
}
