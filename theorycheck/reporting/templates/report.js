"use strict";

// A claim that a link leads to opens; on paper every claim is open.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
openTarget();

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details.claim:not([open])")];
  closed.forEach((claim) => { claim.open = true; });
});
addEventListener("afterprint", () => closed.forEach((claim) => { claim.open = false; }));

// The picture of one network at every p. All panels have logarithmic axes.
const HEIGHT = 240;
const MARGIN = { left: 44, right: 10, top: 8, bottom: 34 };

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function powersOfTen([low, high]) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first) / 5));
  const powers = [];
  for (let power = first; power <= last; power += step) powers.push(power);
  return powers;
}

function tickLabel(x, y, power, anchor) {
  const label = element("text", { x, y, "text-anchor": anchor }, "10");
  label.append(element("tspan", { dy: -4, "font-size": 8 }, String(power).replace("-", "−")));
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
  for (const power of powersOfTen(x[0] < x[1] ? x : [x[1], x[0]])) {
    parts.push(tickLabel(at.x(10 ** power), bottom + 16, power, "middle"));
  }
  for (const power of powersOfTen(y)) {
    const height = at.y(10 ** power);
    parts.push(element("line", { class: "frame", x1: MARGIN.left, x2: right, y1: height, y2: height }));
    parts.push(tickLabel(MARGIN.left - 6, height + 4, power, "end"));
  }
  parts.push(element("text", { x: right, y: HEIGHT - 3, "text-anchor": "end" }, xName));
  svg.replaceChildren(...parts);
  return { svg, at, left: MARGIN.left, right, top: MARGIN.top, bottom, x, y };
}

function drawLine(panel, name, xs, ys) {
  const points = xs
    .map((x, i) => [Math.max(x, panel.x[0]), ys[i]])
    .filter(([, y]) => y !== null && y >= panel.y[0])
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
  const low = Math.max(Math.min(...seen), least);
  const high = Math.max(...seen);
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)];
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
  return `${mantissa} × 10${superscript}`;
}

function explore(grid) {
  const { courses, tests } = grid;
  const every = (name) => courses.flatMap((course) => course[name]);
  const ranges = {
    // four decades before the first run ends: earlier, nothing has grown yet
    steps: decades(every("steps"), Math.min(...courses.map((one) => one.steps.at(-1))) / 1e4),
    loss: decades([...every("loss"), grid.epsilon], 1e-12),
    coefficient: decades(["gamma", "cross", "zeta", "omega"].flatMap(every), 1e-9),
    p: [1, Math.min(...courses.map((course) => course.p)) / 1.3],
    test: decades([...tests.map((run) => run.test_loss), Math.log(grid.problem.K)], 1e-12),
  };
  const medians = courses.map(({ p }) =>
    median(tests.filter((run) => run.p === p).map((run) => run.test_loss))
  );
  const svg = (name) => document.getElementById(`${name}-panel`);

  function draw(course) {
    const loss = startPanel(svg("loss"), ranges.steps, ranges.loss, "steps");
    drawLine(loss, "loss", course.steps, course.loss);
    drawLevel(loss, "loss-level", grid.epsilon);
    const bounded = course.premise_kept && course.in_event;
    if (bounded) drawLimit(loss, course.levels["stopping-time"]);

    const coefficient = startPanel(svg("coefficient"), ranges.steps, ranges.coefficient, "steps");
    for (const name of ["gamma", "cross", "zeta", "omega"]) {
      drawLine(coefficient, name, course.steps, course[name]);
    }
    if (bounded) {
      drawLevel(coefficient, "gamma", course.levels["signal-learned"]);
      drawLevel(coefficient, "cross", course.levels["no-cross-signal"]);
      drawLevel(coefficient, "zeta", course.levels["no-noise"]);
    }

    const test = startPanel(svg("test"), ranges.p, ranges.test, "p");
    for (const run of tests.filter((one) => one.test_loss > 0)) {
      test.svg.append(
        element("circle", { cx: test.at.x(run.p), cy: test.at.y(run.test_loss), r: 3 })
      );
    }
    drawLine({ ...test, x: [0, 0] }, "test", courses.map((one) => one.p), medians);
    drawLevel(test, "loss-level", Math.log(grid.problem.K));
    if (course.test_loss > 0) {
      const centre = { cx: test.at.x(course.p), cy: test.at.y(course.test_loss) };
      test.svg.append(element("circle", { class: "chosen", ...centre, r: 6 }));
    }
  }

  function judged(course) {
    if (!course.premise_kept) return "The premise of mild pruning fails: its bounds are not drawn.";
    if (!course.in_event) return "The draw lies outside the theorem's event: bounds are not drawn.";
    return "The premise of mild pruning holds, and the draw lies in its event.";
  }

  function tell(course) {
    const last = (name) => written(course[name].at(-1));
    const end = course.status === "reached" ? "reaches its target" : `ends (${course.status})`;
    const told =
      `At p = ${course.p} training ${end} after ${last("steps")} steps with ` +
      `max γ = ${last("gamma")}, max ζ = ${last("zeta")} and max |ω| = ${last("omega")}. ` +
      `Test loss ${written(course.test_loss)}, test error ${written(course.test_error)}. ` +
      judged(course);
    document.getElementById("told").textContent = told;
    for (const name of ["loss", "coefficient", "test"]) svg(name).setAttribute("aria-label", told);
  }

  const slider = document.getElementById("keep");
  function show() {
    const course = courses[slider.value];
    slider.setAttribute("aria-valuetext", `p = ${course.p}`);
    document.getElementById("keep-value").textContent = `p = ${course.p}`;
    tell(course);
    draw(course);
  }
  document.getElementById("explorer").hidden = false;
  slider.addEventListener("input", show);
  new ResizeObserver(() => draw(courses[slider.value])).observe(document.querySelector(".panels"));
  show();
}

const stored = document.getElementById("trajectories");
if (stored) explore(JSON.parse(stored.textContent));
