"use strict";
(function () {
  const form = document.getElementById("filters");
  const checks = Array.from(document.querySelectorAll(".check"), (at) => ({ at, text: at.textContent.toLowerCase() }));
  const count = document.getElementById("count");
  function filter() {
    const want = new FormData(form);
    const text = want.get("text").trim().toLowerCase();
    let shown = 0;
    for (const { at, text: has } of checks) {
      const fits = ["outcome", "level", "group"].every((name) => !want.get(name) || at.dataset[name] === want.get(name)) && has.includes(text);
      at.hidden = !fits;
      if (fits) shown++;
    }
    count.textContent = shown + " of " + checks.length;
  }
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (e) => e.preventDefault());
  filter();

  const data = JSON.parse(document.getElementById("data").textContent);
  if (!document.getElementById("answers")) return;
  document.querySelector(".plotted").hidden = false;
  const { colour, ms, tens, logRange, axis, line, draw, keep } = drawing;
  const dots = (label, name) => line(label, name, ms, { width: 0, paths: () => null, points: { show: true, size: 6, fill: colour(name), stroke: colour(name) } });
  keep(() => [draw("answers", {
    scales: { x: { time: false }, y: { distr: 3, range: logRange } },
    axes: [axis((v) => v + " s"), axis(ms, { size: 64, splits: tens })],
    series: [{ label: "at", value: (u, v) => v == null ? "–" : v.toFixed(2) + " s" }, dots("accepted", "a"), dots("not accepted", "c")],
  }, [data.at, data.accepted, data.refused])]);
})();
