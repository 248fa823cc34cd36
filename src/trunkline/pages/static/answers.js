// Results of queries as tables, charts and big numbers. For the SQL page and the dashboard, as `answers`.
const PAGE = 200;
const CUT = 120;
const COLOURS = ["--main", "--run", "--warn", "--bad", "--good", "--quiet"];
const HEIGHT = 280;
const gap = " ";

const grouped = (count) => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, gap);

function made(tag, properties = {}, ...inner) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inner);
  return element;
}

// How many rows came, in words.
function counted(answer) {
  const shown = answer.rows.length;
  const all = `${answer.is_all_counted ? "" : "more than "}${grouped(answer.counted)}`;
  if (answer.is_all_counted && shown === answer.counted) return `${all} ${shown === 1 ? "row" : "rows"}`;
  return `the first ${grouped(shown)} of ${all} rows; the download has all`;
}

function cell(text, column) {
  const td = made("td");
  if (column.kind === "number") td.className = "n";
  if (text === null) {
    td.append(made("span", { className: "null", textContent: "NULL" }));
  } else if (text.length > CUT) {
    td.className = "long";
    const more = made("button", { type: "button", className: "link", textContent: "whole text" });
    more.addEventListener("click", () => showWhole(column.name, text));
    td.append(`${text.slice(0, CUT)}… `, more);
  } else {
    td.append(text);
    if (text.length > 36 || text.includes("\n")) td.classList.add("long");
  }
  return td;
}

function showWhole(name, text) {
  const area = made("pre", { textContent: text, tabIndex: 0 });
  area.setAttribute("aria-label", `Text of ${name}`);
  const copy = made("button", { type: "button", textContent: "Copy" });
  const close = made("button", { type: "button", className: "main", textContent: "Close" });
  const dialog = made("dialog", { className: "whole" }, made("h2", { textContent: name }), area,
    made("div", { className: "actions" }, copy, close));
  dialog.setAttribute("aria-label", name);
  copy.addEventListener("click", () => copied(copy, text));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function copied(button, text) {
  await navigator.clipboard.writeText(text);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1500);
}

const flat = (text) => (text ?? "").replace(/[\t\r\n]+/g, " ");

function asTabs(answer) {
  const lines = [answer.columns.map((column) => column.name), ...answer.rows];
  return lines.map((row) => row.map(flat).join("\t")).join("\n");
}

// A table of a few rows at a time.
function grid(place, answer, { most = PAGE, tools = true } = {}) {
  const head = made("tr");
  for (const column of answer.columns) {
    const th = made("th", { scope: "col", title: column.type, textContent: column.name });
    if (column.kind === "number") th.className = "n";
    head.append(th);
  }
  const body = made("tbody");
  const scroll = made("div", { className: "scroll grid", tabIndex: 0 },
    made("table", {}, made("thead", {}, head), body));
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Rows");
  const where = made("span", { className: "quiet small" });
  const earlier = made("button", { type: "button", textContent: "Earlier rows" });
  const later = made("button", { type: "button", textContent: "Later rows" });
  let first = 0;
  function draw() {
    const part = answer.rows.slice(first, first + most);
    body.replaceChildren(...part.map((row) => made("tr", {}, ...row.map((text, at) => cell(text, answer.columns[at])))));
    where.textContent = part.length ? `Rows ${grouped(first + 1)} to ${grouped(first + part.length)}` : "";
    earlier.disabled = first === 0;
    later.disabled = first + most >= answer.rows.length;
    scroll.scrollTop = 0;
  }
  earlier.addEventListener("click", () => { first = Math.max(0, first - most); draw(); });
  later.addEventListener("click", () => { first += most; draw(); });
  draw();
  if (!answer.rows.length) {
    place.replaceChildren(scroll, made("p", { className: "quiet none", textContent: "No rows." }));
    return;
  }
  if (!tools) {
    place.replaceChildren(scroll);
    return;
  }
  const copy = made("button", { type: "button", textContent: "Copy rows" });
  copy.addEventListener("click", () => copied(copy, asTabs(answer)));
  const bar = made("div", { className: "actions below" }, copy, made("span", { className: "grow" }));
  if (answer.rows.length > most) bar.append(where, earlier, later);
  place.replaceChildren(scroll, bar);
}

// Instants and days as seconds, numbers as numbers, anything else as nothing.
function measured(text, kind) {
  if (text === null) return null;
  if (kind === "instant" || kind === "day") {
    const at = Date.parse(kind === "day" ? `${text}T00:00:00Z` : /(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
    return Number.isNaN(at) ? null : at / 1000;
  }
  const value = text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

// What a result could be drawn as: time or the first column across, the first numbers up.
function guessed(answer) {
  const numbers = answer.columns.filter((column) => column.kind === "number").map((column) => column.name);
  const time = answer.columns.find((column) => column.kind === "instant" || column.kind === "day");
  const x = (time ?? answer.columns.find((column) => column.kind !== "number") ?? answer.columns[0])?.name ?? "";
  return { x, y: numbers.filter((name) => name !== x).slice(0, 3) };
}

function isDrawable(answer, chart) {
  const names = answer.columns.map((column) => column.name);
  return chart.kind !== "none" && names.includes(chart.x) && chart.y.some((name) => names.includes(name));
}

const drawn = new WeakMap();

// A chart of the shown rows. Drawn again with the window's width and the scheme of colours.
function chart(place, answer, wanted) {
  drawn.get(place)?.end();
  place.replaceChildren();
  if (!isDrawable(answer, wanted) || !answer.rows.length) return false;
  const names = answer.columns.map((column) => column.name);
  const lines = wanted.y.filter((name) => names.includes(name));
  const canvas = made("div");
  place.append(canvas);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `${wanted.kind === "bar" ? "Bars" : "Lines"} of ${lines.join(", ")} by ${wanted.x}. The table has the same values.`);
  let plot = null;
  function draw() {
    plot?.destroy();
    plot = new uPlot(...plotted(answer, wanted, lines, Math.max(240, place.clientWidth)), canvas);
  }
  draw();
  let width = place.clientWidth;
  const watching = new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - width) < 2) return;
    width = place.clientWidth;
    draw();
  });
  watching.observe(place);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  drawn.set(place, { end: () => { watching.disconnect(); scheme.removeEventListener("change", draw); plot?.destroy(); } });
  return true;
}

function plotted(answer, wanted, lines, width) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const at = (name) => answer.columns.findIndex((column) => column.name === name);
  const xColumn = answer.columns[at(wanted.x)];
  const isTime = wanted.kind === "line" && (xColumn.kind === "instant" || xColumn.kind === "day");
  const isNamed = wanted.kind === "bar" || !(isTime || xColumn.kind === "number");
  let rows = answer.rows.map((row, index) => ({
    x: isNamed ? index : measured(row[at(wanted.x)], xColumn.kind),
    name: row[at(wanted.x)] ?? "NULL",
    y: lines.map((line) => measured(row[at(line)], "number")),
  }));
  if (!isNamed) rows = rows.filter((row) => row.x !== null).sort((one, other) => one.x - other.x);
  const isUtc = xColumn.kind === "day" || !answer.rows.some((row) => /(Z|[+-]\d\d:?\d\d)$/.test(row[at(wanted.x)] ?? ""));
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
  const series = lines.map((line, index) => {
    const stroke = colour(COLOURS[index % COLOURS.length]);
    const look = { label: line, stroke, width: 2, spanGaps: false };
    if (wanted.kind === "bar") {
      return { ...look, width: 0, fill: stroke, paths: uPlot.paths.bars({ size: [0.8 / lines.length, 90] }), points: { show: false } };
    }
    return { ...look, points: { show: rows.length < 60, size: 5, fill: stroke } };
  });
  const name = (value) => {
    const text = rows[value]?.name ?? "";
    return text.length > 14 ? `${text.slice(0, 13)}…` : text;
  };
  const xAxis = isNamed
    ? { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], space: 90, values: (_, values) => values.map((value) => (Number.isInteger(value) ? name(value) : "")), grid: { show: false } }
    : isTime ? { ...axis, space: 70, values: (_, values, __, ___, step) => values.map((at) => timeName(at, step, isUtc)) } : axis;
  const xName = isNamed ? (_, value) => rows[Math.round(value)]?.name ?? ""
    : isTime ? (_, value) => (value === null ? "" : timeName(value, 0, isUtc)) : undefined;
  const options = {
    width,
    height: HEIGHT,
    scales: {
      x: { time: isTime, range: isNamed ? () => [-0.6, rows.length - 0.4] : undefined },
      y: { range: (_, low, high) => limits(low, high, wanted.kind === "bar") },
    },
    axes: [xAxis, { ...axis, size: 70, values: (_, values) => values.map((value) => shortNumber(value)) }],
    series: [{ label: wanted.x, value: xName }, ...series],
    legend: { live: wanted.kind !== "bar" },
  };
  if (isTime && isUtc) options.tzDate = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
  return [options, wanted.kind === "bar" ? barred(rows, lines.length) : [rows.map((row) => row.x), ...lines.map((_, index) => rows.map((row) => row.y[index]))]];
}

// A time under a chart: as much of it as its neighbours differ in; all of it for a step of 0.
function timeName(seconds, step, isUtc) {
  const day = 86_400;
  const parts = step === 0 ? { dateStyle: "medium", timeStyle: "short" }
    : step >= 360 * day ? { year: "numeric" }
      : step >= 28 * day ? { month: "short", year: "numeric" }
        : step >= day ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" };
  const zone = isUtc ? { timeZone: "UTC" } : {};
  const at = new Date(seconds * 1000);
  const isMidnight = step > 0 && step < day && new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...zone }).format(at) === "00:00";
  return new Intl.DateTimeFormat("en-GB", { ...(isMidnight ? { day: "numeric", month: "short" } : parts), ...zone }).format(at);
}

// Bars of several columns stand side by side: each has its own places between two names.
function barred(rows, count) {
  const xs = [];
  const ys = Array.from({ length: count }, () => []);
  rows.forEach((row) => row.y.forEach((value, index) => {
    xs.push(row.x + ((index - (count - 1) / 2) * 0.8) / count);
    ys.forEach((line, other) => line.push(other === index ? value : undefined));
  }));
  return [xs, ...ys];
}

// Bars begin at zero; lines where they are.
function limits(low, high, isBar) {
  if (low === null || high === null || low === undefined || high === undefined) return [0, 1];
  const [from, to] = isBar ? [Math.min(0, low), Math.max(0, high)] : [low, high];
  if (from === to) return [from - (isBar ? 0 : 1), to + 1];
  return uPlot.rangeNum(from, to, { min: { pad: from === 0 ? 0 : 0.1, soft: 0, mode: 2 }, max: { pad: 0.1, soft: 0, mode: 2 } });
}

function shortNumber(value) {
  for (const [size, mark] of [[1e9, " G"], [1e6, " M"], [1e4, " k"]]) {
    if (Math.abs(value) >= size) return `${+(value / (size === 1e4 ? 1e3 : size)).toFixed(1)}${mark}`;
  }
  return String(+value.toFixed(4));
}

// One value alone, large.
function bigNumber(place, answer) {
  const [column] = answer.columns;
  const text = answer.rows[0][0];
  const value = column.kind === "number" && text !== null && /^-?\d+(\.\d+)?$/.test(text)
    ? text.replace(/^-?\d+/, (whole) => grouped(whole)) : text ?? "NULL";
  place.replaceChildren(made("p", { className: "big", textContent: value }), made("p", { className: "quiet small", textContent: column.name }));
}

globalThis.answers = { made, counted, grid, chart, guessed, isDrawable, bigNumber, grouped };
