import { $, make } from "./dom.js";
import { get, call } from "./api.js";

// The kinds of faults, in the order in which they are done, and what they are.
const kinds = {
  drop: "never sent",
  delay: "sent late",
  reorder: "sent after a later one",
  duplicate: "sent twice",
  "wrong-credentials": "another password",
  corrupt: "some bytes changed",
  truncate: "cut off within the body",
  "slow-body": "a body that trickles",
};

// Faults shows which faults are on, and sets them for all webhooks.
export class Faults {
  #rules = { all: {} };
  #dialog = $("faults");
  #form = this.#dialog.querySelector("form");
  #tell;

  constructor(tell) {
    this.#tell = tell;
    $("kinds").append(...Object.entries(kinds).map(([kind, what]) =>
      make("div", {},
        make("label", { for: "fault-" + kind }, kind, make("small", { class: "quiet" }, " " + what)),
        make("input", { id: "fault-" + kind, name: kind, type: "number", min: 0, max: 100, step: "any", inputmode: "decimal" }),
        make("span", { "aria-hidden": "true" }, "%"))));
    $("faults-open").addEventListener("click", () => this.#open());
    $("faults-off").addEventListener("click", () => this.#send("DELETE"));
    this.#form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.#send("PUT", { ...this.#rules, all: this.#wanted() });
    });
  }

  #open() {
    for (const kind of Object.keys(kinds)) this.#form.elements[kind].value = parseFloat(this.#rules.all[kind] ?? "0");
    this.#form.querySelector(".bad").textContent = "";
    this.#dialog.showModal();
  }

  // wanted is what the form says. Times and the seed stay what they are.
  #wanted() {
    const all = this.#rules.all.seed ? { seed: this.#rules.all.seed } : {};
    for (const kind of Object.keys(kinds)) {
      const percent = Number(this.#form.elements[kind].value);
      const [, time] = (this.#rules.all[kind] ?? "").split(":");
      if (percent > 0) all[kind] = percent + "%" + (time ? ":" + time : "");
    }
    return all;
  }

  async #send(method, rules) {
    try {
      this.#show(await call(method, "/v1/faults", rules));
      this.#dialog.close();
      this.#tell(words(this.#rules) ? "Faults are on." : "Faults are off.");
    } catch (error) {
      this.#form.querySelector(".bad").textContent = error.message;
    }
  }

  async refresh() {
    this.#show(await get("/v1/faults"));
  }

  #show(rules) {
    this.#rules = rules;
    const text = words(rules);
    if ($("faulty").dataset.text === text) return;
    $("faulty").dataset.text = text;
    $("faulty").hidden = !text;
    $("faulty").replaceChildren(make("strong", {}, "Faults are on: "), text, " ",
      make("button", { type: "button", click: () => this.#send("DELETE") }, "All off"));
  }
}

// words say which faults are on; "" is none.
function words(rules) {
  const one = (faults) => Object.keys(kinds).filter((k) => faults[k] && parseFloat(faults[k]) > 0).map((k) => `${k} ${faults[k].replace(":", " by ")}`).join(", ");
  const list = [one(rules.all), ...Object.entries(rules.webhooks ?? {}).map(([name, faults]) => `${name}: ${one(faults) || "none"}`)];
  return list.some((l) => l && !l.endsWith(": none")) ? list.filter(Boolean).join("; ") : "";
}
