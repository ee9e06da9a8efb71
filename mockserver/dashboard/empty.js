import { $, make, plural } from "./dom.js";

const told = (name) => document.querySelector(`meta[name="${name}"]`).content;

// showEmpty says what to do when there is nothing to show, if that is so.
export function showEmpty(empty, { filtered, apps, clear }) {
  const place = $("empty");
  place.hidden = !empty;
  const waiting = apps.flatMap((a) => a.webhooks.filter((w) => w.enabled && w.triggers.length).map((w) => ({ app: a.app, trigger: w.triggers[0] })));
  const shows = empty ? JSON.stringify([filtered, waiting]) : "";
  if (place.dataset.shows === shows) return;
  place.dataset.shows = shows;
  if (!empty) place.replaceChildren();
  else if (filtered) place.replaceChildren(make("h3", {}, "Nothing matches"), make("button", { type: "button", click: clear }, "Clear the filters"));
  else if (waiting.length) place.replaceChildren(...fireOne(waiting, apps));
  else place.replaceChildren(...addWebhook(apps));
}

function fireOne(waiting, apps) {
  const event = { ...(apps.length > 1 && { app: waiting[0].app }), trigger: waiting[0].trigger };
  const token = told("token") ? ' -H "Authorization: Bearer $TOKEN"' : "";
  return [
    make("h3", {}, "No deliveries yet"),
    make("p", {}, `${plural(waiting.length, "webhook")} can be sent events. Fire one here, or with curl:`),
    command(`curl -X POST ${location.origin}/v1/events${token} \\\n  -H 'Content-Type: application/json' -d '${JSON.stringify(event)}'`),
    make("button", { type: "button", class: "primary", click: () => $("fire-open").click() }, "Fire…"),
  ];
}

function addWebhook(apps) {
  const base = told("management") || "$MANAGEMENT";
  const path = `${base}/apps/${apps[0]?.app ?? "$APP"}/webhooks`;
  const head = "-H \"key: $KEY\" -H \"secret: $SECRET\" \\\n  -H 'X-Webhook-Version: 2' -H 'Content-Type: application/json'";
  const post = (url, body) => `curl -X POST ${url} \\\n  ${head} \\\n  -d '${body}'`;
  return [
    make("h3", {}, "No webhook that has triggers yet"),
    make("p", {}, `Add yours through the management API, with the key and secret that the server was started with${base === "$MANAGEMENT" ? ", and the address of the API that it printed" : ""}:`),
    command(post(path, '{"id": "mine", "name": "Mine", "webhookURL": "https://YOUR-RECEIVER/"}') + "\n\n" + post(`${path}/mine/triggers`, '{"triggerIds": ["message_sent"]}')),
    make("p", {}, "Then fire an event; it shows up here as it is delivered."),
  ];
}

const command = (text) => make("pre", { tabindex: "0" }, text);
