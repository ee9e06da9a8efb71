"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const old = data.old;
  const { colour, ms, tens, logRange, axis, line, draw, keep } = drawing;
  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const count = (v) => v == null || v === 0.1 ? "–" : compact.format(v);
  const dashed = { dash: [6, 5], width: 1.5 };

  // One column for each x of either run, with the values of both.
  const joined = (now, before) => before ? uPlot.join([now, before], undefined) : now;

  function plots() {
    const all = [];
    const seconds = { label: "s", value: (u, v) => v == null ? "–" : v + " s" };
    const xSeconds = axis((v) => v + " s");

    all.push(draw("latency", {
      scales: { x: { time: false }, y: { distr: 3, range: logRange } },
      axes: [xSeconds, axis(ms, { size: 64, splits: tens })],
      series: [seconds, line("max", "d", ms, { width: 1 }), line("p99", "c", ms), line("p90", "b", ms), line("p50", "a", ms)]
        .concat(old ? [line("older p99", "c", ms, dashed), line("older p50", "a", ms, dashed)] : []),
    }, joined([data.at, data.max, data.p99, data.p90, data.p50], old && [old.at, old.p99, old.p50])));

    const rate = [data.at, data.sent, data.errors];
    const rates = [seconds, line("sent", "a", count), line("errors", "bad", count, { fill: colour("bad") + "55", width: 1 })];
    if (!data.closed) {
      rate.push(data.scheduled);
      rates.push(line("due", "ink", count, { dash: [2, 4], width: 1.5 }));
    }
    if (old) rates.push(line("older sent", "a", count, dashed));
    all.push(draw("rate", {
      scales: { x: { time: false }, y: { range: (u, min, max) => [0, Math.max(1, max * 1.08)] } },
      axes: [xSeconds, axis(count, { size: 56 })], series: rates,
    }, joined(rate, old && [old.at, old.sent])));

    const steps = (bars) => {
      const x = [], y = [];
      bars.forEach((b, i) => {
        x.push(b.from); y.push(b.count);
        // Nothing, in log scale, is below what is shown.
        if (i + 1 === bars.length || bars[i + 1].from > b.to * 1.001) { x.push(b.to); y.push(0.1); }
      });
      return [x, y];
    };
    const stepped = uPlot.paths.stepped({ align: 1 });
    all.push(draw("spread", {
      scales: { x: { time: false, distr: 3, range: logRange }, y: { distr: 3, range: (u, min, max) => [0.7, Math.max(10, (max || 1) * 1.5)] } },
      axes: [axis(ms, { splits: tens }), axis(count, { size: 56, splits: tens })],
      series: [{ label: "latency from", value: (u, v) => ms(v) }, line("events", "a", count, { paths: stepped, fill: colour("a") + "55", width: 1 })]
        .concat(old ? [line("older", "c", count, { paths: stepped, width: 1.5 })] : []),
    }, joined(steps(data.bars), old && steps(old.bars))));

    const byQuantile = (q) => [q.map((p) => p.oneIn), q.map((p) => p.ms)];
    const quantile = (v) => v == null ? "–" : v <= 1 ? "min" : "p" + (100 - 100 / v).toFixed(Math.max(0, Math.ceil(Math.log10(v) - 2.0001)));
    all.push(draw("percentiles", {
      scales: { x: { time: false, distr: 3, range: (u, min, max) => [1, Math.max(10, max || 1)] }, y: { distr: 3, range: logRange } },
      axes: [axis(quantile, { splits: tens }), axis(ms, { size: 64, splits: tens })],
      series: [{ label: "percentile", value: (u, v) => quantile(v) }, line("latency", "c", ms)]
        .concat(old ? [line("older", "c", ms, dashed)] : []),
    }, joined(byQuantile(data.quantiles), old && byQuantile(old.quantiles))));
    return all;
  }

  keep(plots);
})();
