import { $, count, plural } from "./dom.js";
import { call } from "./api.js";

// fireBox prepares the dialog that fires events. fired is called with what to
// tell afterwards.
export function fireBox(triggers, fired) {
  const dialog = $("fire"), form = dialog.querySelector("form"), { app, webhook, trigger, count: many } = form.elements;
  const about = () => ($("fire-about").textContent = triggers.find((t) => t.name === trigger.value)?.description ?? "");
  trigger.addEventListener("change", about);
  if (triggers.some((t) => t.name === "message_sent")) trigger.value = "message_sent"; // what most begin with
  $("fire-open").addEventListener("click", () => {
    form.querySelector(".bad").textContent = "";
    about();
    dialog.showModal();
  });
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const button = e.submitter;
    button.disabled = true;
    try {
      const request = { app: app.value, trigger: trigger.value, count: Number(many.value) };
      if (webhook.value) request.webhook = webhook.value;
      const made = await call("POST", "/v1/events", request);
      dialog.close();
      fired(told(made, trigger.value), made.deliveries > 0);
    } catch (error) {
      form.querySelector(".bad").textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
}

function told(made, trigger) {
  if (!made.deliveries && !made.refused) return `Fired ${plural(made.events, "event")}, but no enabled webhook has the trigger ${trigger}.`;
  return `Fired ${plural(made.events, "event")}: ${plural(made.deliveries, "delivery")}${made.refused ? `, ${count(made.refused)} refused, because too many wait` : ""}.`;
}
