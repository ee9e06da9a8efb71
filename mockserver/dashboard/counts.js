import { $, count } from "./dom.js";
import { get } from "./api.js";

const every = 2000; // milliseconds
const minute = 60_000 / every;

// Counts asks for the server's counts now and then, and shows them with the
// rate of attempts over the last minute.
export class Counts {
  #rates = [];
  #before;

  // run asks for ever. asked is called with the counts after each answer.
  async run(asked) {
    for (;;) {
      if (!document.hidden) {
        try {
          const stats = await get("/v1/stats");
          this.#show(stats);
          await asked(stats);
        } catch {
          this.#before = undefined; // what is away says so elsewhere
        }
      }
      await new Promise((done) => setTimeout(done, every));
    }
  }

  #show(stats) {
    for (const name of ["queued", "retrying", "delivered", "dead"]) $(name).textContent = count(stats[name]);
    document.title = stats.dead ? `(${count(stats.dead)} dead) hookproof` : "hookproof";
    const now = performance.now(), made = stats.delivered + stats.failed, before = this.#before;
    this.#before = { now, made };
    if (!before || made < before.made) return; // the first, or a new server
    this.#rates.push((1000 * (made - before.made)) / (now - before.now));
    this.#rates.splice(0, this.#rates.length - minute);
    const mean = this.#rates.reduce((sum, r) => sum + r, 0) / this.#rates.length;
    $("rate").textContent = mean && mean < 10 ? mean.toFixed(1) : count(Math.round(mean));
    const top = Math.max(1, ...this.#rates), right = 120, bottom = 31;
    const points = this.#rates.map((r, i) => `${(right - (right / (minute - 1)) * (this.#rates.length - 1 - i)).toFixed(1)},${(bottom - (bottom - 2) * (r / top)).toFixed(1)}`);
    const first = points[0].split(",")[0];
    $("spark").children[0].setAttribute("points", `${first},32 ${points.join(" ")} 120,32`);
    $("spark").children[1].setAttribute("points", points.join(" "));
  }
}
