import { query } from "./api.js";

// The stream sends a part of what happens if more happens than anyone can look at.
const rate = 100;

// follow streams attempts that match a filter until the function that it returns
// is called. on.attempt gets each, on.skipped how many were left out of a second,
// on.up is told when a stream begins and on.down when it is lost. A lost stream
// begins anew, from what is new then: on.up loads what was missed.
export function follow(filter, on) {
  let source, timer, wait = 500;
  const open = () => {
    const { app, webhook, trigger } = filter;
    source = new EventSource("/v1/attempts" + query({ app, webhook, trigger, rate }));
    source.onopen = () => {
      wait = 500;
      on.up();
    };
    source.addEventListener("attempt", (e) => on.attempt(JSON.parse(e.data)));
    source.addEventListener("skipped", (e) => on.skipped(JSON.parse(e.data).skipped));
    source.onerror = () => {
      source.close();
      on.down();
      timer = setTimeout(open, wait);
      wait = Math.min(2 * wait, 5000);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
