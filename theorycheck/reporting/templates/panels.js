"use strict";

// Panels with logarithmic axes, and a run drawn on them.
const HEIGHT = 240;
const COEFFICIENTS = ["gamma", "cross", "zeta", "omega"];
const MARGIN = { left: 44, right: 10, top: 8, bottom: 34 };

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Powers of ten, not too many of them; 1, 2 and 5 times each where there are fewer than two.
function ticks([one, other]) {
  const low = Math.min(one, other) * (1 - 1e-9);
  const high = Math.max(one, other) * (1 + 1e-9);
  const few = high / low < 100;
  const values = [];
  for (let power = Math.floor(Math.log10(low)); Number(`1e${power}`) <= high; power += 1) {
    for (const digit of few ? [1, 2, 5] : [1]) values.push(Number(`${digit}e${power}`));
  }
  const seen = values.filter((value) => value >= low && value <= high);
  const step = few ? 1 : Math.max(1, Math.ceil((seen.length - 1) / 5));
  return seen.filter((_, place) => place % step === 0).map((value) => [value, few]);
}

function tickLabel(x, y, [value, plain], anchor) {
  const label = element("text", { x, y, "text-anchor": anchor }, plain ? written(value) : "10");
  if (!plain) {
    const power = String(Math.round(Math.log10(value))).replace("-", "−");
    label.append(element("tspan", { dy: -4, "font-size": 8 }, power));
  }
  return label;
}

function startPanel(svg, x, y, xName) {
  const width = svg.clientWidth;
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  const right = width - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const share = (value, [low, high]) => Math.log(value / low) / Math.log(high / low);
  const at = {
    x: (value) => MARGIN.left + share(value, x) * (right - MARGIN.left),
    y: (value) => bottom - share(value, y) * (bottom - MARGIN.top),
  };
  const parts = [];
  for (const tick of ticks(x)) parts.push(tickLabel(at.x(tick[0]), bottom + 16, tick, "middle"));
  for (const tick of ticks(y)) {
    const height = at.y(tick[0]);
    parts.push(element("line", { class: "frame", x1: MARGIN.left, x2: right, y1: height, y2: height }));
    parts.push(tickLabel(MARGIN.left - 6, height + 4, tick, "end"));
  }
  parts.push(element("text", { x: right, y: HEIGHT - 3, "text-anchor": "end" }, xName));
  svg.replaceChildren(...parts);
  return { svg, at, left: MARGIN.left, right, top: MARGIN.top, bottom, x, y };
}

// Of what comes before the frame only the last point is kept, at its edge.
function drawLine(panel, name, xs, ys) {
  const least = Math.min(...panel.x);
  const points = xs
    .map((x, i) => [Math.max(x, least), ys[i], x < least && xs[i + 1] < least])
    .filter(([, y, before]) => !before && y !== null && y >= panel.y[0])
    .map(([x, y]) => `${panel.at.x(x).toFixed(1)},${panel.at.y(y).toFixed(1)}`);
  if (points.length) panel.svg.append(element("polyline", { class: name, points: points.join(" ") }));
}

function drawLevel(panel, name, value) {
  if (!(value >= panel.y[0] && value <= panel.y[1])) return;
  const height = panel.at.y(value);
  panel.svg.append(
    element("line", { class: `level ${name}`, x1: panel.left, x2: panel.right, y1: height, y2: height })
  );
}

function drawLimit(panel, value) {
  if (!(value >= panel.x[0] && value <= panel.x[1])) return;
  const place = panel.at.x(value);
  panel.svg.append(
    element("line", { class: "limit", x1: place, x2: place, y1: panel.top, y2: panel.bottom })
  );
}

// The smallest whole decades that hold all values, from no less than `least` on.
function decades(values, least) {
  const seen = values.filter((value) => value !== null && value > 0);
  if (!seen.length) return [0.1, 1];
  const low = Math.max(Math.min(...seen), least);
  const high = Math.max(...seen, low);
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)];
}

function drawPoint(panel, x, y, attributes) {
  if (!(y >= panel.y[0])) return;
  panel.svg.append(element("circle", { cx: panel.at.x(x), cy: panel.at.y(y), ...attributes }));
}

// What a line of a panel is the bound of, and what it says of it.
const LEVELS = {
  "stopping-time": ["", "t* at most"],
  "signal-learned": ["gamma", "γ at least"],
  "no-cross-signal": ["cross", "γ cross at most"],
  "no-noise": ["zeta", "ζ and |ω| at most"],
  "noise-memorized": ["zeta", "ζ at least"],
};

// A run on its two panels, with the bounds of the claims that are lines there.
function drawRun(svg, run, ranges, epsilon, levels) {
  const loss = startPanel(svg("loss"), ranges.steps, ranges.loss, "steps");
  drawLine(loss, "loss", run.steps, run.loss);
  drawLevel(loss, "loss-level", epsilon);
  drawLimit(loss, levels["stopping-time"]);

  const coefficient = startPanel(svg("coefficient"), ranges.steps, ranges.coefficient, "steps");
  for (const name of COEFFICIENTS) drawLine(coefficient, name, run.steps, run[name]);
  for (const [claim, [name]] of Object.entries(LEVELS)) {
    if (name) drawLevel(coefficient, name, levels[claim]);
  }
}

function toldEnd(run) {
  const last = (name) => written(run[name].at(-1));
  const end = run.status === "reached" ? "reaches its target" : `ends (${run.status})`;
  return (
    `training ${end} after ${last("steps")} steps with ` +
    `max γ = ${last("gamma")}, max ζ = ${last("zeta")} and max |ω| = ${last("omega")}. ` +
    `Test loss ${written(run.test_loss)}, test error ${written(run.test_error)}.`
  );
}

function median(values) {
  const ordered = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = ordered.length / 2;
  if (!ordered.length) return null;
  return ordered.length % 2 ? ordered[Math.floor(middle)] : (ordered[middle - 1] + ordered[middle]) / 2;
}

function written(value) {
  if (value === null || value === undefined) return "not measured";
  if (value === 0) return "0";
  if (value >= 1e-3 && value < 1e4) return String(Number(value.toPrecision(3)));
  const [mantissa, power] = value.toExponential(1).split("e");
  const superscript = power.replace("+", "").replace(/[-\d]/g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻");
  return mantissa === "1.0" ? `10${superscript}` : `${Number(mantissa)}\u00a0×\u00a010${superscript}`;
}

