import { $, make, breakable, milliseconds, clock } from "./dom.js";

const signs = { queued: "○", retrying: "↻", delivered: "✓", dead: "✕", discarded: "–" };

// badge is a state as a word and a sign, for those who see no colours.
export const badge = (state) => make("span", { class: "badge " + state }, make("span", { "aria-hidden": "true" }, signs[state] ?? "?"), state);

// Table shows deliveries, one row each. Rows stay where they are as long as
// they can, so that what has the focus keeps it.
export class Table {
  #rows = new Map(); // by id: {row, shown}
  #body = $("deliveries").tBodies[0];
  #open;

  constructor(open) {
    this.#open = open;
  }

  show(deliveries, chosen) {
    const gone = new Set(this.#rows.keys());
    deliveries.forEach((d, i) => {
      gone.delete(d.id);
      const row = this.#row(d, d.id === chosen);
      if (this.#body.rows[i] !== row) this.#body.insertBefore(row, this.#body.rows[i] ?? null);
    });
    for (const id of gone) {
      this.#rows.get(id).row.remove();
      this.#rows.delete(id);
    }
    $("deliveries").hidden = deliveries.length === 0;
  }

  // focus moves the focus to a delivery, and tells whether it is there.
  focus(id) {
    this.#rows.get(id)?.row.querySelector("button").focus();
    return this.#rows.has(id);
  }

  #row(d, chosen) {
    let known = this.#rows.get(d.id);
    if (!known) {
      const button = make("button", { type: "button", class: "link" }, ...breakable(d.trigger));
      const row = make("tr", { click: () => this.#open(d.id) },
        make("td"), make("td", {}, button, make("small", { class: "narrow" }, d.webhook)), make("td", { class: "wide" }, d.webhook),
        make("td"), make("td", { class: "wide number" }), make("td", { class: "wide number" }),
        make("td", {}, make("time", { datetime: d.accepted, title: d.accepted }, clock(d.accepted))));
      known = { row, shown: "" };
      this.#rows.set(d.id, known);
    }
    const shown = [d.state, d.last, d.next, d.ms, d.attempts, chosen].join();
    if (shown !== known.shown) {
      known.shown = shown;
      const { row } = known, cells = row.cells;
      row.classList.toggle("chosen", chosen);
      row.querySelector("button").setAttribute("aria-expanded", String(chosen));
      cells[0].replaceChildren(badge(d.state));
      cells[3].replaceChildren(d.last ?? "", d.state === "retrying" && d.next ? make("small", {}, `again ${clock(d.next)}`) : "");
      cells[3].className = d.last && !d.last.startsWith("2") ? "bad" : "";
      cells[4].textContent = milliseconds(d.ms);
      cells[5].textContent = d.attempts;
    }
    return known.row;
  }
}
