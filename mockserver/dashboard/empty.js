import { $, make } from "./dom.js";

// showEmpty says what to do when there is nothing to show, if that is so.
export function showEmpty(empty, { filtered, apps, clear }) {
  const place = $("empty");
  place.hidden = !empty;
  if (!empty) return place.replaceChildren();
  const webhooks = apps.flatMap((a) => a.webhooks);
  const key = [filtered, webhooks.length, apps[0]?.app].join();
  if (place.dataset.shows === key && place.childElementCount) return;
  place.dataset.shows = key;
  if (filtered) {
    place.replaceChildren(make("h3", {}, "Nothing matches"), make("button", { type: "button", click: clear }, "Clear the filters"));
  } else if (webhooks.length) {
    place.replaceChildren(
      make("h3", {}, "No deliveries yet"),
      make("p", {}, webhooks.length === 1 ? "One webhook waits" : `${webhooks.length} webhooks wait`, " for events. Fire one here, or by"),
      make("pre", { tabindex: "0" }, `curl -X POST ${location.origin}/v1/events \\\n  -H 'Content-Type: application/json' -d '{"trigger": "message_sent"}'`),
      make("button", { type: "button", class: "primary", click: () => $("fire-open").click() }, "Fire…"));
  } else {
    const base = document.querySelector('meta[name="management"]').content || "$MANAGEMENT";
    const path = `${base}/apps/${apps[0]?.app ?? "$APP"}/webhooks`;
    const head = "-H \"key: $KEY\" -H \"secret: $SECRET\" \\\n  -H 'X-Webhook-Version: 2' -H 'Content-Type: application/json'";
    place.replaceChildren(
      make("h3", {}, "No webhook yet"),
      make("p", {}, "Add yours by the management API, with the key and secret that the server printed when it started",
        base === "$MANAGEMENT" ? ", as well as the API's address:" : ":"),
      make("pre", { tabindex: "0" },
        `curl -X POST ${path} \\\n  ${head} \\\n  -d '{"id": "mine", "name": "Mine", "webhookURL": "https://YOUR-RECEIVER/"}'\n\n`
        + `curl -X POST ${path}/mine/triggers \\\n  ${head} \\\n  -d '{"triggerIds": ["message_sent"]}'`),
      make("p", {}, "Then fire an event; it shows up here as it is delivered."));
  }
}
