import { $, options, clock, count, plural } from "./dom.js";
import { get, call, query } from "./api.js";
import { Deliveries, most } from "./deliveries.js";
import { Table } from "./table.js";
import { Detail } from "./detail.js";
import { Counts } from "./counts.js";
import { follow } from "./live.js";
import { fireBox } from "./fire.js";
import { Faults } from "./faults.js";
import { showEmpty } from "./empty.js";

const filters = $("filters").elements;
const names = ["app", "webhook", "trigger", "state"];
const deliveries = new Deliveries();
const table = new Table((id) => (location.hash = "#" + new URLSearchParams({ ...chosen(), delivery: id })));
const detail = new Detail(closed, tell);
const faults = new Faults(tell);
let apps = [], stop = () => {}, loaded = false;

// chosen is what the filters are set to.
const chosen = () => Object.fromEntries(names.map((n) => [n, filters[n].value]).filter(([, v]) => v));

let fading, calming;
function tell(message, bad = false) {
  $("notice").textContent = message;
  $("notice").classList.toggle("bad", bad);
  clearTimeout(fading);
  if (!bad) fading = setTimeout(() => ($("notice").textContent = ""), 8000);
}

function live(state, words) {
  clearTimeout(calming);
  if ($("live").textContent !== words) $("live").textContent = words;
  $("live").dataset.state = state;
}

// draw shows what is known, at most ten times a second.
let drawing;
function draw() {
  drawing ??= setTimeout(() => {
    drawing = undefined;
    const newest = deliveries.newest();
    table.show(newest, detail.id);
    $("more").hidden = newest.length < most;
    showEmpty(loaded && !newest.length, { filtered: Object.keys(chosen()).length > 0, apps, clear: () => (location.hash = "#") });
  }, 100);
}

async function load() {
  const asked = query({ ...chosen(), limit: most });
  const page = await get("/v1/deliveries" + asked);
  if (asked !== query({ ...chosen(), limit: most })) return; // the filters have changed meanwhile
  deliveries.load(page.deliveries);
  loaded = true;
  draw();
}

// reload is load for what may fail: the server is away, or will tell why.
const reload = () => load().catch((error) => error.away || tell(error.message, true));

let refreshing;
function refreshDetail() {
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    if (detail.id) detail.refresh();
  }, 300);
}

function watch() {
  stop();
  deliveries.load([]);
  loaded = false;
  draw();
  const filter = chosen();
  stop = follow(filter, {
    up() {
      live("up", "live");
      reload();
      if (detail.id) refreshDetail();
    },
    down: () => live("down", "the server is away, trying again"),
    attempt(a) {
      deliveries.attempt(a, filter.state);
      if (a.delivery === detail.id) refreshDetail();
      draw();
    },
    skipped(n) {
      live("up", `live, ${count(n)} a second are not shown`);
      calming = setTimeout(() => live("up", "live"), 2500);
    },
  });
}

function closed(id) {
  const rest = new URLSearchParams(chosen());
  if (new URLSearchParams(location.hash.slice(1)).get("delivery")) history.pushState(null, "", "#" + rest);
  table.focus(id) || $("deliveries").focus();
  draw();
}

// The address says what is shown, so that it can be shared and gone back to.
let watched;
function goto() {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const n of names) {
    const value = hash.get(n) ?? "";
    if (value && ![...filters[n].options].some((o) => o.value === value)) filters[n].append(new Option(value, value));
    filters[n].value = value;
  }
  const filter = query(chosen());
  if (filter !== watched) watch();
  watched = filter;
  const id = hash.get("delivery") ?? "";
  if (id && id !== detail.id) detail.open(id).then(draw);
  else if (!id && detail.id) detail.close();
}

async function learnApps() {
  apps = (await get("/v1/apps")).apps;
  const list = apps.map((a) => [a.app, a.app]);
  const webhooks = [...new Set(apps.flatMap((a) => a.webhooks.map((w) => w.id)))].map((id) => [id, id]);
  $("apps").textContent = apps.length === 1 ? `${apps[0].app}, ${apps[0].region}, ${plural(apps[0].webhooks.length, "webhook")}` : plural(apps.length, "app");
  const fire = $("fire").querySelector("form").elements;
  options(filters.app, [["", "any"], ...list]);
  options(filters.webhook, [["", "any"], ...webhooks]);
  options(fire.app, list);
  options(fire.webhook, [["", "every one that has the trigger"], ...webhooks]);
  for (const select of [filters.app, fire.app]) select.parentElement.hidden = apps.length < 2;
}

async function start() {
  const { triggers } = await get("/v1/triggers");
  const groups = Map.groupBy(triggers, (t) => t.group);
  const list = [...groups].map(([group, of]) => [group, of.map((t) => [t.name, t.name])]);
  options(filters.trigger, [["", "any"], ...list]);
  options($("fire").querySelector("form").elements.trigger, list);
  await learnApps();
  fireBox(triggers, (message, good) => {
    tell(message, !good);
    reload();
  });
  for (const n of names) filters[n].addEventListener("change", () => (location.hash = "#" + new URLSearchParams({ ...chosen(), ...(detail.id && { delivery: detail.id }) })));
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  document.querySelector(".skip").addEventListener("click", (e) => {
    e.preventDefault(); // the address is the filters'
    $("deliveries").focus();
  });
  $("filters").addEventListener("submit", (e) => e.preventDefault());
  $("redeliver-dead").addEventListener("click", async () => {
    const { app, webhook, trigger } = chosen();
    try {
      const { redelivered } = await call("POST", "/v1/redeliver", { app, webhook, trigger });
      tell(`Queued ${plural(redelivered, "dead delivery")} again.`);
    } catch (error) {
      tell(error.message, true);
    }
    reload();
  });
  addEventListener("hashchange", goto);
  addEventListener("popstate", goto);
  goto();
  let asked = 0;
  new Counts().run(async (stats) => {
    $("redeliver-dead").disabled = !stats.dead;
    await faults.refresh();
    // Attempts tell of most changes; now and then the list tells of the rest.
    if (asked++ % 5 === 4) await Promise.all([load(), learnApps()]);
  });
}

start().catch((error) => live("down", error.message + (error.away ? ": reload the page when it is back" : "")));
