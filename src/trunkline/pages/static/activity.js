// Charts of click-to activity: clicks a day by outcome, stacked, and how many came to what.
const text = document.getElementById("figures")?.textContent;
const HEIGHT = 250;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COLOURS = ["--good", "--warn", "--bad", "--quiet"];

const axes = (labels) => {
  const own = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  return [{ ...own, ...labels }, { ...own, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000] }];
};

const draw = (element, options, data) => {
  const size = () => ({ width: element.clientWidth, height: HEIGHT });
  const chart = new uPlot({ ...options, ...size() }, data, element);
  new ResizeObserver(() => chart.setSize(size())).observe(element);
};

const bars = uPlot.paths.bars({ size: [0.7, 60], align: 0 });
const from = (low) => (_, __, high) => [low, Math.max(1, high ?? 1)];

const byDay = ({ days, outcomes, clicks }) => {
  // Stacked: each outcome is drawn as the sum of itself and those before it, the highest first.
  const sums = clicks.map((_, row) => days.map((__, at) => clicks.slice(0, row + 1).reduce((sum, one) => sum + one[at], 0)));
  const order = outcomes.map((_, row) => row).reverse().filter((row) => clicks[row].some(Boolean));
  const series = order.map((row) => ({
    label: outcomes[row], stroke: colour(COLOURS[row]), fill: colour(COLOURS[row]), paths: bars, points: { show: false }, width: 0,
    value: (_, __, ___, at) => (at === null ? "–" : clicks[row][at]),
  }));
  const day = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
  const label = (_, at) => (at === null ? "–" : new Date(at * 1000).toLocaleDateString("en", day));
  draw(document.getElementById("by-day"), {
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    scales: { x: { range: (_, low, high) => [low - 43200, high + 43200] }, y: { range: from(0) } },
    series: [{ label: "Day", value: label }, ...series],
    axes: axes({ incrs: [1, 2, 5, 7, 14, 30, 60, 90].map((count) => count * 86400), space: 70,
      values: (_, ats) => ats.map((at) => new Date(at * 1000).toLocaleDateString("en", { day: "numeric", month: "short", timeZone: "UTC" })) }),
    cursor: { drag: { x: false, y: false } },
  }, [days, ...order.map((row) => sums[row])]);
};

const byOutcome = ({ outcomes, clicks }) => {
  const sums = clicks.map((row) => row.reduce((sum, one) => sum + one, 0));
  const shown = outcomes.map((_, row) => row).filter((row) => sums[row]);
  const series = shown.map((row) => ({
    label: outcomes[row], stroke: colour(COLOURS[row]), fill: colour(COLOURS[row]), paths: bars, points: { show: false }, width: 0,
  }));
  draw(document.getElementById("by-outcome"), {
    scales: { x: { time: false, range: [-0.6, shown.length - 0.4] }, y: { range: from(0) } },
    series: [{ label: "Outcome", value: (_, at) => (at === null ? "–" : outcomes[shown[at]]) }, ...series],
    axes: axes({ values: (_, ats) => ats.map(() => ""), incrs: [1], grid: { show: false } }),
    cursor: { drag: { x: false, y: false } },
  }, [shown.map((_, at) => at), ...shown.map((row, at) => shown.map((__, other) => (other === at ? sums[row] : null)))]);
};

if (text) {
  const figures = JSON.parse(text);
  byDay(figures);
  byOutcome(figures);
}
