"use strict";
const drawing = (function () {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const short = (v) => v == null ? "–" : String(v >= 100 ? Math.round(v) : v >= 1 ? +v.toFixed(1) : +v.toFixed(3));
  const ms = (v) => v == null ? "–" : v >= 1000 ? short(v / 1000) + " s" : short(v) + " ms";

  // Powers of ten, and what lies between them if there are few.
  const tens = (u, axis, min, max) => {
    const all = [];
    const fine = Math.log10(max / min) < 2.2;
    for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) {
      for (const m of fine ? [1, 2, 5] : [1]) {
        const v = m * Math.pow(10, e);
        if (v >= min * 0.999 && v <= max * 1.001) all.push(v);
      }
    }
    return all;
  };
  const logRange = (u, min, max) => min == null || !(min > 0) ? [0.1, 10] : [min / 1.3, Math.max(max, min * 2) * 1.3];
  const axis = (values, more) => Object.assign({
    stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 },
    font: "12px system-ui, sans-serif", values: (u, all) => all.map(values),
  }, more);
  const line = (label, name, values, more) => Object.assign({
    label, stroke: colour(name), width: 2, points: { show: false }, value: (u, v) => values(v),
  }, more);

  function draw(id, options, columns) {
    const at = document.getElementById(id);
    at.textContent = "";
    const width = () => Math.max(260, at.clientWidth);
    return new uPlot(Object.assign({ width: width(), height: 260, cursor: { y: false }, legend: { live: true } }, options), columns, at);
  }

  // Draws again in other colours and widths; plots returns what it drew.
  function keep(plots) {
    let drawn = [];
    const again = () => { drawn.forEach((u) => u.destroy()); drawn = plots(); };
    again();
    let soon;
    window.addEventListener("resize", () => { clearTimeout(soon); soon = setTimeout(again, 150); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    document.documentElement.dataset.drawn = String(drawn.length);
  }

  return { colour, ms, tens, logRange, axis, line, draw, keep };
})();
