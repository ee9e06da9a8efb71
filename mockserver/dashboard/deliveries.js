// most bounds the deliveries that the page holds.
export const most = 200;

// Deliveries are the newest deliveries that match the page's filter.
export class Deliveries {
  #all = new Map();

  // load replaces them by a list, and keeps what only attempts tell.
  load(list) {
    const before = this.#all;
    this.#all = new Map();
    for (const d of list) {
      const known = before.get(d.id);
      this.#all.set(d.id, known && known.attempts === d.attempts ? { ...d, ms: known.ms } : d);
    }
  }

  // attempt notes what came of an attempt. One that takes its delivery out of the
  // state that is asked for takes it off the list.
  attempt(a, state) {
    const known = this.#all.get(a.delivery) ?? { id: a.delivery, app: a.app, webhook: a.webhook, trigger: a.trigger, accepted: a.due, attempts: 0 };
    if (state && state !== a.state) {
      this.#all.delete(a.delivery);
      return;
    }
    this.#all.set(a.delivery, {
      ...known,
      state: a.state,
      attempts: Math.max(known.attempts, a.number),
      last: a.failure || String(a.answer?.status ?? ""),
      next: a.next,
      ms: a.timing.total,
    });
    if (this.#all.size > 2 * most) this.load(this.newest());
  }

  get size() {
    return this.#all.size;
  }

  newest() {
    return [...this.#all.values()].sort((a, b) => Date.parse(b.accepted) - Date.parse(a.accepted) || (a.id < b.id ? 1 : -1)).slice(0, most);
  }
}
