import { $, make, breakable, svg, clock, milliseconds, plural } from "./dom.js";
import { get, call, deliveryPath } from "./api.js";
import { badge } from "./table.js";
import { pretty } from "./pretty.js";

// What is longer is cut: a browser lays out no megabytes of text at once.
const longest = 128 << 10;

// Detail shows one delivery with its event and attempts: beside the list, or
// over it where there is no room.
export class Detail {
  id = "";
  #dialog = $("detail");
  #wide = matchMedia("(min-width: 70rem)");
  #unfolded = new Set(); // what the reader has opened
  #drawn = "";
  #closed;
  #told;

  constructor(closed, told) {
    this.#closed = closed;
    this.#told = told;
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.open) return; // moved between its two places
      const id = this.id;
      this.id = this.#drawn = "";
      this.#unfolded.clear();
      this.#closed(id);
    });
    this.#wide.addEventListener("change", () => {
      if (!this.#dialog.open) return;
      this.#dialog.close();
      this.#place();
    });
    document.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && this.#dialog.open && !document.querySelector("dialog:modal")) this.#dialog.close();
    });
  }

  #place() {
    if (this.#wide.matches) this.#dialog.show();
    else this.#dialog.showModal();
  }

  async open(id) {
    this.id = id;
    if (!(await this.refresh())) return;
    if (!this.#dialog.open) this.#place();
    this.#dialog.scrollTop = 0;
    $("detail-title").focus();
  }

  close() {
    this.#dialog.close();
  }

  // refresh reads the delivery anew, and tells whether it is there.
  async refresh() {
    const id = this.id;
    try {
      const d = await get(deliveryPath(id));
      if (id !== this.id) return false; // another was opened meanwhile
      const drawn = JSON.stringify(d);
      if (drawn !== this.#drawn) this.#draw(d);
      this.#drawn = drawn;
      return true;
    } catch (error) {
      if (id === this.id && !error.away) {
        this.#told(error.message);
        if (this.#dialog.open) this.close();
        else this.#closed(id);
      }
      return false;
    }
  }

  #draw(d) {
    $("detail-title").replaceChildren(...breakable(d.trigger));
    const fact = (name, ...value) => [make("dt", {}, name), make("dd", {}, ...value)];
    const again = make("button", { type: "button", click: () => this.#redeliver(d.id) }, "Redeliver");
    again.disabled = d.body === undefined || d.state === "queued" || d.state === "retrying";
    $("detail-body").replaceChildren(
      make("p", { class: "line" }, badge(d.state), d.next ? ` next attempt ${clock(d.next)}` : "", again),
      make("dl", { class: "facts" },
        ...fact("Webhook", d.webhook), ...fact("App", d.app), ...fact("Accepted", clock(d.accepted)), ...fact("Delivery", make("code", {}, d.id))),
      make("h3", {}, plural(d.attempts, "attempt") + (d.log.length < d.attempts ? `, ${d.log.length} kept` : "")),
      make("ol", { class: "attempts" }, ...d.log.map((a, i) => this.#attempt(a, i))),
      make("h3", {}, "Event"),
      d.body === undefined ? make("p", { class: "quiet" }, "It is not kept any more.") : text(pretty(d.body), "The event"),
    );
  }

  #attempt(a, i) {
    const outcome = a.failure || String(a.answer?.status ?? "no answer");
    const good = a.state === "delivered";
    return make("li", {},
      make("p", { class: "line" },
        make("strong", { class: good ? "good" : "bad" }, outcome), ` after ${milliseconds(a.timing.total)} ms`,
        make("span", { class: "quiet" }, clock(a.start), a.timing.late >= 50 ? `, ${milliseconds(a.timing.late)} ms late` : "")),
      a.faults?.length ? make("p", {}, ...a.faults.map((f) => make("span", { class: "fault" }, "fault: " + f))) : "",
      a.reason ? make("p", {}, a.reason) : "",
      a.why ? make("p", { class: "quiet" }, a.why + (a.next ? `: next attempt ${clock(a.next)}` : "")) : "",
      timings(a.timing),
      this.#fold(i + "request", `Request: ${a.request.method}, ${plural(a.request.size, "byte")}`, make("p", {}, make("code", {}, a.request.url)), headers(a.request.header)),
      a.answer ? this.#fold(i + "answer", `Answer: ${a.answer.proto} ${a.answer.status}, ${plural(a.answer.size, "byte")}`,
        headers(a.answer.header), a.answer.text ? text(a.answer.text, "The answer's body") : "") : "",
    );
  }

  #fold(key, summary, ...children) {
    const fold = make("details", { open: this.#unfolded.has(key) }, make("summary", {}, summary), ...children);
    fold.addEventListener("toggle", () => (fold.open ? this.#unfolded.add(key) : this.#unfolded.delete(key)));
    return fold;
  }

  async #redeliver(id) {
    try {
      await call("POST", deliveryPath(id) + "/redeliver");
      this.#told("Queued again.");
    } catch (error) {
      this.#told(error.message, true);
    }
    await this.refresh();
  }
}

const text = (s, label) =>
  make("pre", { tabindex: "0", "aria-label": label, role: "region" }, s.length > longest ? s.slice(0, longest) + `\n… ${plural(s.length - longest, "character")} more` : s);

const headers = (header) =>
  make("dl", { class: "headers" }, ...Object.entries(header ?? {}).sort().flatMap(([name, values]) => values.flatMap((v) => [make("dt", {}, name), make("dd", {}, v)])));

// timings are the parts of an attempt as a bar, and in words.
function timings(t) {
  const parts = [
    ["dns", "DNS", t.dns], ["connect", "connect", t.connect], ["tls", "TLS", t.tls],
    ["send", "send", Math.max(0, t.total - t.dns - t.connect - t.tls - Math.max(t.firstByte, t.lastByte))],
    ["wait", "wait", t.firstByte], ["read", "read", Math.max(0, t.lastByte - t.firstByte)],
  ].filter(([, , ms]) => ms >= 0.05);
  const total = parts.reduce((sum, [, , ms]) => sum + ms, 0);
  if (!total) return "";
  let x = 0;
  const bar = svg("svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true", class: "timing" },
    ...parts.map(([name, , ms]) => {
      const width = (100 * ms) / total;
      x += width;
      return svg("rect", { class: name, x: x - width, width, height: 1 });
    }));
  const words = parts.map(([name, label, ms]) => make("li", { class: name }, `${label} ${milliseconds(ms)}`));
  return make("div", {}, bar, make("ul", { class: "legend", "aria-label": "Parts in milliseconds" }, ...words));
}
