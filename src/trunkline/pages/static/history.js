// Runs as a picture: how long each took, and how many rows it brought.
const place = document.getElementById("chart");
const data = place && JSON.parse(document.getElementById("chart-data").textContent);
if (data) window.addEventListener("load", draw);

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function draw() {
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  const points = data.failed.map((failed) => failed);
  const chart = new uPlot({
    width: place.clientWidth,
    height: 240,
    cursor: { y: false },
    scales: { rows: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [axis, { ...axis, label: "seconds", size: 60 }, { ...axis, scale: "rows", side: 1, label: "rows", size: 70, grid: { show: false } }],
    series: [
      {},
      { label: "Seconds", stroke: colour("--main"), width: 2, points: { show: true, size: 6, fill: colour("--main") } },
      { label: "Rows", scale: "rows", stroke: colour("--run"), width: 1, fill: colour("--run-soft"), paths: uPlot.paths.bars({ size: [0.6, 30] }), points: { show: false } },
      { label: "Failed", stroke: colour("--bad"), width: 0, paths: () => null, points: { show: true, size: 9, fill: colour("--bad") } },
    ],
  }, [data.at, data.seconds, data.rows, data.seconds.map((value, index) => (points[index] ? value : null))], place);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 240 })).observe(place);
}
