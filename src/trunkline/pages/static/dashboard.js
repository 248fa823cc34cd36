// The dashboard: asks for each card, draws it, asks again, and lets cards be moved by dragging.
const { made, grid, chart, bigNumber, isDrawable, grouped } = globalThis.answers;
const board = document.getElementById("board");
const KEPT = "trunkline_dashboard_minutes";
const FIRST_ROWS = 50;
let dragged = null;

async function fill(tile, isFresh) {
  const body = tile.querySelector(".tile-body");
  body.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`/dashboard/cards/${tile.dataset.query}${isFresh ? "?fresh=yes" : ""}`);
    const told = await response.json();
    if (told.error) throw told.error;
    show(body, told);
  } catch (error) {
    const said = made("div", { className: "said bad" }, made("p", { textContent: error.todo === undefined ? "The server does not answer." : error.message }));
    if (error.todo) said.append(made("p", { textContent: error.todo }));
    body.replaceChildren(said);
  }
  body.removeAttribute("aria-busy");
}

function show(body, answer) {
  if (answer.rows.length === 1 && answer.columns.length === 1) {
    bigNumber(body, answer);
    return;
  }
  const few = { ...answer, rows: answer.rows.slice(0, FIRST_ROWS) };
  const table = made("div");
  if (!isDrawable(answer, answer.chart) || !answer.rows.length) {
    body.replaceChildren(table);
    grid(table, few, { tools: false });
    if (answer.counted > few.rows.length) {
      body.append(made("p", { className: "quiet small below", textContent: `The first ${few.rows.length} of ${answer.is_all_counted ? "" : "more than "}${grouped(answer.counted)} rows.` }));
    }
    return;
  }
  const place = made("div", { className: "chart" });
  const values = made("details", {}, made("summary", { className: "small quiet", textContent: "As a table" }), table);
  values.addEventListener("toggle", () => { if (!table.childElementCount) grid(table, few, { tools: false }); });
  body.replaceChildren(place, values);
  chart(place, answer, answer.chart);
}

async function fillAll(isFresh) {
  await Promise.all([...board.children].map((tile) => fill(tile, isFresh)));
  const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  document.getElementById("fresh").textContent = `As of ${time}`;
}

// A card that is dropped on another takes its place.
function makeDraggable(tile) {
  tile.draggable = true;
  tile.addEventListener("dragstart", (event) => {
    dragged = tile;
    tile.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", tile.dataset.query);
  });
  tile.addEventListener("dragend", () => { tile.classList.remove("dragged"); dragged = null; });
  tile.addEventListener("dragover", (event) => {
    if (!dragged || dragged === tile) return;
    event.preventDefault();
    tile.classList.add("over");
  });
  tile.addEventListener("dragleave", () => tile.classList.remove("over"));
  tile.addEventListener("drop", async (event) => {
    event.preventDefault();
    tile.classList.remove("over");
    if (!dragged) return;
    const order = [...board.children];
    const steps = order.indexOf(tile) - order.indexOf(dragged);
    const body = new FormData();
    body.set("form_token", board.dataset.token);
    body.set("steps", steps);
    await fetch(`/dashboard/cards/${dragged.dataset.query}/move`, { method: "POST", body });
    location.reload();
  });
}

if (board) {
  for (const tile of board.children) makeDraggable(tile);
  document.getElementById("refresh").addEventListener("click", () => fillAll(true));
  const every = document.getElementById("every");
  let ticking = null;
  const begin = () => {
    clearInterval(ticking);
    const minutes = Number(every.value);
    if (minutes) ticking = setInterval(() => { if (!document.hidden) fillAll(true); }, minutes * 60_000);
  };
  every.value = localStorage.getItem(KEPT) ?? "0";
  if (every.selectedIndex < 0) every.value = "0";
  every.addEventListener("change", () => { localStorage.setItem(KEPT, every.value); begin(); });
  begin();
  fillAll(false);
}
