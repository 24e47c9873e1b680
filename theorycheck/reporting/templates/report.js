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

// An explorer shows itself once it works; a new width draws again, and says nothing again.
function start(explorer, slider, tell, draw) {
  const show = () => {
    tell();
    draw();
  };
  explorer.hidden = false;
  slider.addEventListener("input", show);
  new ResizeObserver(draw).observe(explorer.querySelector(".panels"));
  show();
  return show;
}

function place(slider, text) {
  slider.setAttribute("aria-valuetext", text);
  document.getElementById(`${slider.id}-value`).textContent = text;
}

// One network at every p.
function exploreGrid(grid) {
  const { courses, tests } = grid;
  const every = (name) => courses.flatMap((course) => course[name]);
  const ranges = {
    // four decades before the first run ends: earlier, nothing has grown yet
    steps: decades(every("steps"), Math.min(...courses.map((one) => one.steps.at(-1))) / 1e4),
    loss: decades([...every("loss"), grid.epsilon], 1e-12),
    coefficient: decades(COEFFICIENTS.flatMap(every), 1e-9),
    p: [1, Math.min(...courses.map((course) => course.p)) / 1.3],
    test: decades([...tests.map((run) => run.test_loss), Math.log(grid.problem.K)], 1e-12),
  };
  const medians = courses.map(({ p }) =>
    median(tests.filter((run) => run.p === p).map((run) => run.test_loss))
  );
  const svg = (name) => document.getElementById(`${name}-panel`);

  const slider = document.getElementById("keep");

  function draw() {
    const course = courses[slider.value];
    const bounded = course.premise_kept && course.in_event;
    drawRun(svg, course, ranges, grid.epsilon, bounded ? course.levels : {});
    const test = startPanel(svg("test"), ranges.p, ranges.test, "p");
    for (const run of tests) drawPoint(test, run.p, run.test_loss, { r: 3 });
    drawLine(test, "test", courses.map((one) => one.p), medians);
    drawLevel(test, "loss-level", Math.log(grid.problem.K));
    drawPoint(test, course.p, course.test_loss, { class: "chosen", r: 6 });
  }

  function judged(course) {
    if (!course.premise_kept) return "The premise of mild pruning fails: its bounds are not drawn.";
    if (!course.in_event) return "The draw lies outside the theorem's event: bounds are not drawn.";
    return "The premise of mild pruning holds, and the draw lies in its event.";
  }

  function tell() {
    const course = courses[slider.value];
    place(slider, `p = ${course.p}`);
    const told = `At p = ${course.p} ${toldEnd(course)} ${judged(course)}`;
    document.getElementById("told").textContent = told;
    for (const name of ["loss", "coefficient", "test"]) svg(name).setAttribute("aria-label", told);
  }

  start(document.getElementById("explorer"), slider, tell, draw);
}

// One frame for all sizes and seeds of a path, so that what moves is seen to move.
function frameOf({ sizes }) {
  const runs = sizes.flatMap((size) => size.runs);
  const every = (name) => runs.flatMap((run) => run[name]);
  const bounds = Object.keys(LEVELS).flatMap((name) => sizes.map((size) => size.levels[name] ?? 0));
  const times = sizes.map((size) => size.levels["stopping-time"] ?? 0);
  const levels = bounds.filter((value) => !times.includes(value));
  const ends = COEFFICIENTS.flatMap((name) => runs.map((run) => run[name].at(-1)));
  const least = (values) => Math.min(...values.filter((value) => value > 0), 1 / 0);
  // two decades before the first loss falls: earlier, nothing is to be seen
  const falls = runs.map(
    ({ steps, loss }) => steps.find((_, i) => loss[i] < 0.9 * loss[0]) ?? steps.at(-1)
  );
  const values = sizes.map((size) => size.size);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = low < high ? (high / low) ** 0.06 : 1.6;
  const along = [low / margin, high * margin];
  return {
    steps: decades([...every("steps"), ...times], least(falls) / 1e2),
    loss: decades([...every("loss"), ...sizes.map((size) => size.epsilon)], 1e-16),
    coefficient: decades(
      [...COEFFICIENTS.flatMap(every), ...levels],
      least([...ends, ...levels]) / 10
    ),
    size: values[0] <= values.at(-1) ? along : along.reverse(),
    test: decades([...every("test_loss"), ...sizes.map((size) => Math.log(size.K))], 1e-16),
  };
}

// The runs of a few seeds at every size of a path.
function explorePaths(paths) {
  const part = (name) => document.getElementById(`course-${name}`);
  const [pathList, seedList, slider] = ["path", "seed", "size"].map(part);
  const svg = (name) => part(`${name}-panel`);
  let frame;

  function choosePath() {
    const path = paths[pathList.value];
    frame = frameOf(path);
    const inside = (seed) =>
      path.sizes.every((size) => size.runs.every((run) => run.seed !== seed || run.in_event));
    const label = (seed) => `${seed}${inside(seed) ? "" : ", not always in the event"}`;
    seedList.replaceChildren(...path.seeds.map((seed) => new Option(label(seed), seed)));
    slider.max = path.sizes.length - 1;
    slider.value = 0;
  }

  const ofSeed = (size) => size.runs.find(({ seed }) => seed === Number(seedList.value));

  function chosen() {
    const path = paths[pathList.value];
    const size = path.sizes[slider.value];
    return { path, size, run: ofSeed(size) };
  }

  function draw() {
    const { path, size, run } = chosen();
    drawRun(svg, run, frame, size.epsilon, run.in_event ? size.levels : {});
    const test = startPanel(svg("test"), frame.size, frame.test, path.symbols[path.along]);
    for (const one of path.sizes) {
      for (const { test_loss } of one.runs) drawPoint(test, one.size, test_loss, { r: 3 });
    }
    const values = path.sizes.map((one) => one.size);
    drawLine(test, "test", values, path.sizes.map((one) => ofSeed(one).test_loss));
    drawLine(test, "loss-level guess", values, path.sizes.map((one) => Math.log(one.K)));
    drawPoint(test, size.size, run.test_loss, { class: "chosen", r: 6 });
  }

  function judged(size, run) {
    if (!run.in_event) return "The draw lies outside the theorem's event: bounds are not drawn.";
    const bounds = Object.entries(LEVELS)
      .filter(([claim]) => (size.levels[claim] ?? null) !== null)
      .map(([claim, [, words]]) => `${words} ${written(size.levels[claim])}`);
    const left = size.premises_left.map((premise) => `This size leaves the premise ${premise}.`);
    const said = bounds.length ? [`Bounds: ${bounds.join(", ")}.`] : [];
    return ["The draw lies in the theorem's event.", ...said, ...left].join(" ");
  }

  function label(name, text) {
    svg(name).setAttribute("aria-label", text);
  }

  function tell() {
    const { path, size, run } = chosen();
    const named = ([name, value]) =>
      typeof value === "number"
        ? `${path.symbols[name]}\u00a0=\u00a0${written(value)}`
        : `${value} ${name}`;
    const at = named([path.along, size.size]);
    place(slider, at);
    const title = `${path.title}, seed ${run.seed}`;
    part("told").textContent = `${title}: at ${at} ${toldEnd(run)} ${judged(size, run)}`;
    const [first, last] = [run.loss[0], run.loss.at(-1)].map(written);
    label("loss", `${title}: training loss from ${first} to ${last} against steps at ${at}`);
    label("coefficient", `${title}: largest coefficients against steps at ${at}`);
    const tests = size.runs.map((one) => `${written(one.test_loss)} (seed ${one.seed})`);
    label("test", `Test loss against ${path.symbols[path.along]}; at ${at} it is ${tests.join(", ")}`);
    const [moved, fixed] = [size.moved, path.fixed].map((all) => Object.entries(all).map(named));
    part("moved").textContent =
      `Along this path: ${path.tied}. At this size ${moved.join(", ")}; fixed are ${fixed.join(", ")}.`;
  }

  choosePath();
  const show = start(part("explorer"), slider, tell, draw);
  seedList.addEventListener("change", show);
  pathList.addEventListener("change", () => {
    choosePath();
    show();
  });
}

for (const [id, explore] of [["trajectories", exploreGrid], ["courses", explorePaths]]) {
  const stored = document.getElementById(id);
  if (stored) explore(JSON.parse(stored.textContent));
}
