// The SQL page: asks, shows what comes, saves, downloads.
const { made, counted, grid, chart, guessed, isDrawable } = globalThis.answers;
const find = (id) => document.getElementById(id);
const form = find("ask");
const area = find("sql");
const choice = { kind: find("chart-kind"), x: find("chart-x"), y: find("chart-y") };
const GONE = { message: "The server's answer was not understood.", todo: "Load the page again; perhaps you are signed out." };
let wanted = JSON.parse(form.dataset.chart);
let answer = null;
let asked = "";
let asking = null;

const editor = new globalThis.SqlEditor({
  area,
  lines: form.querySelector(".lines"),
  list: find("suggestions"),
  status: find("suggested"),
  onRun: () => run(),
});

async function sent(path, values, signal) {
  const body = new FormData();
  body.set("form_token", form.elements.form_token.value);
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  const response = await fetch(path, { method: "POST", body, signal, redirect: "manual" });
  if (!response.headers.get("content-type")?.startsWith("application/json")) throw GONE;
  const told = await response.json();
  if (told.error) throw told.error;
  return told;
}

function complain(error) {
  const place = find("wrong");
  place.replaceChildren(made("p", { textContent: error.message }));
  if (error.todo) place.append(made("p", { textContent: error.todo }));
  place.hidden = false;
  const where = /line (\d+), after the mark: (.*)$/s.exec(error.todo ?? "");
  if (where) editor.point(Number(where[1]), where[2]);
  else editor.pointAt(/"([^"]+)"|with name (\w+)/.exec(error.message)?.slice(1).find(Boolean));
  find("hint").hidden = true;
}

function tell(text) {
  find("state").textContent = text;
  find("told").textContent = text;
}

async function run() {
  asking?.abort();
  const mine = asking = new AbortController();
  const began = performance.now();
  const sql = area.value;
  find("wrong").hidden = true;
  find("stop").hidden = false;
  find("run").disabled = true;
  find("told").textContent = "The query runs.";
  const passed = () => { find("state").textContent = `Running, ${Math.round((performance.now() - began) / 1000)} s`; };
  passed();
  const ticking = setInterval(passed, 1000);
  try {
    answer = await sent("/sql/run", { sql }, mine.signal);
    asked = sql;
    tell(`${counted(answer)} in ${answer.seconds.toFixed(answer.seconds < 10 ? 2 : 0)} s`);
    show();
  } catch (error) {
    if (error.name === "AbortError") {
      if (asking === mine) tell("Stopped.");
    } else {
      tell("");
      complain(error instanceof Error ? { message: "The server does not answer.", todo: "Look whether it runs, then try again." } : error);
    }
  } finally {
    clearInterval(ticking);
    if (asking === mine) {
      asking = null;
      find("stop").hidden = true;
      find("run").disabled = false;
    }
  }
}

function show() {
  find("hint").hidden = true;
  find("result").hidden = false;
  fillChoices();
  draw();
  grid(find("grid"), answer);
}

function fillChoices() {
  const names = answer.columns.map((column) => column.name);
  const guess = guessed(answer);
  if (!names.includes(wanted.x)) wanted = { ...wanted, x: guess.x };
  const known = wanted.y.filter((name) => names.includes(name));
  wanted = { ...wanted, y: known.length ? known : guess.y };
  choice.kind.value = wanted.kind;
  choice.x.replaceChildren(...[...new Set(names)].map((name) => made("option", { value: name, textContent: name, selected: name === wanted.x })));
  const numbers = [...new Set(answer.columns.filter((column) => column.kind === "number").map((column) => column.name))];
  choice.y.replaceChildren(...numbers.map((name) => made("label", { title: name }, made("input", { type: "checkbox", value: name, checked: wanted.y.includes(name) }), name)));
  if (!numbers.length) choice.y.append(made("span", { className: "quiet small", textContent: "No column holds numbers." }));
}

function draw() {
  for (const part of document.querySelectorAll(".chart-choice")) part.hidden = wanted.kind === "none";
  const place = find("chart");
  place.hidden = !isDrawable(answer, wanted) || !answer.rows.length;
  if (!place.hidden) chart(place, answer, wanted);
}

find("result").addEventListener("change", (event) => {
  if (event.target.id === "format" || !answer) return;
  const y = [...choice.y.querySelectorAll("input:checked")].map((box) => box.value);
  wanted = { kind: choice.kind.value, x: choice.x.value, y };
  draw();
});
form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
find("stop").addEventListener("click", () => asking?.abort());
find("download").addEventListener("submit", (event) => {
  event.target.elements.sql.value = asked;
  event.target.elements.name.value = form.dataset.name;
});

find("link").addEventListener("click", async () => {
  const isSaved = form.dataset.query && area.value === area.defaultValue;
  const path = isSaved ? `/sql?query=${form.dataset.query}` : `/sql?sql=${encodeURIComponent(area.value)}`;
  await navigator.clipboard.writeText(location.origin + path);
  tell("The link is copied.");
});

// Saving
const saving = find("saving");
const fields = find("save-form").elements;
find("save").addEventListener("click", () => {
  const isOwn = form.dataset.query && form.dataset.mayChange === "yes";
  fields.name.value = form.dataset.name;
  fields.description.value = form.dataset.description;
  find("save-new").hidden = !isOwn;
  find("save-form").querySelector(".said").hidden = true;
  saving.showModal();
  fields.name.select();
});
saving.querySelector("[data-close]").addEventListener("click", () => saving.close());
find("save-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const isOwn = form.dataset.query && form.dataset.mayChange === "yes" && event.submitter?.value !== "new";
  const path = isOwn ? `/sql/queries/${form.dataset.query}` : "/sql/queries";
  const values = { name: fields.name.value, description: fields.description.value, sql: area.value, chart: JSON.stringify(wanted) };
  try {
    const { id } = await sent(path, values);
    saving.close();
    await showSaved(id);
    tell("Saved.");
  } catch (error) {
    const said = find("save-form").querySelector(".said");
    const problems = Object.values(error.problems ?? {}).join(" ");
    said.textContent = problems || error.message || GONE.message;
    said.hidden = false;
  }
});

// The page as it is with the saved query, around the result that stays.
async function showSaved(id) {
  const path = `/sql?query=${id}`;
  const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
  for (const part of ["head", "saved-part"]) find(part).replaceWith(document.adoptNode(page.getElementById(part)));
  Object.assign(form.dataset, page.getElementById("ask").dataset);
  area.defaultValue = page.getElementById("sql").defaultValue;
  document.title = page.title;
  history.replaceState(null, "", path);
  find("saved-part").open = isWide();
  filterSaved();
}

// What is known: datasets with their columns
const isWide = () => matchMedia("(min-width: 901px)").matches;
find("datasets-part").open = find("saved-part").open = isWide();

function insertButton(text, label, kind) {
  const button = made("button", { type: "button", className: "link insert", title: `Put ${label} into the query` }, made("span", { textContent: label }));
  if (kind) button.append(made("span", { className: "quiet", textContent: kind }));
  button.addEventListener("click", () => editor.insert(text));
  return button;
}

function drawTables() {
  const searched = find("find-table").value.trim().toLowerCase();
  const place = find("tables");
  const parts = [];
  for (const table of editor.tables) {
    const fits = table.columns.filter(([name]) => name.toLowerCase().includes(searched));
    const isNamed = table.name.includes(searched);
    if (searched && !isNamed && !fits.length) continue;
    const part = made("details", { className: "table" }, made("summary", { textContent: table.name }));
    const fill = () => {
      if (part.childElementCount > 1) return;
      const all = made("button", { type: "button", className: "link all", textContent: "Show its rows" });
      all.addEventListener("click", () => {
        if (area.value.trim() && !window.confirm("Put this in place of the query?")) return;
        editor.type(0, area.value.length, `select *\nfrom datasets.${globalThis.quotedName(table.name)}\nlimit 100`);
        run();
      });
      const columns = isNamed ? table.columns : fits;
      part.append(all, insertButton(`datasets.${globalThis.quotedName(table.name)}`, table.name, "dataset"), ...columns.map(([name, type]) => insertButton(globalThis.quotedName(name), name, type)));
    };
    part.addEventListener("toggle", fill);
    if (editor.tables.length === 1 || (searched && parts.length < 5)) {
      fill();
      part.open = true;
    }
    parts.push(part);
  }
  const nothing = editor.tables.length ? "Nothing has this in its name." : "No dataset is loaded yet. Make one, and run it.";
  place.replaceChildren(...(parts.length ? parts : [made("p", { className: "quiet small", textContent: nothing })]));
}

function filterSaved() {
  const search = find("find-saved");
  search?.addEventListener("input", () => {
    for (const item of find("saved-part").querySelectorAll("li")) {
      item.hidden = !item.textContent.toLowerCase().includes(search.value.trim().toLowerCase());
    }
  });
}

async function readTables() {
  try {
    const told = await (await fetch("/sql/tables")).json();
    if (told.error) throw told.error;
    editor.tables = told;
    drawTables();
  } catch (error) {
    find("tables").replaceChildren(made("p", { className: "quiet small", textContent: `The datasets cannot be read: ${error.message}` }));
  }
}

find("find-table").addEventListener("input", drawTables);
filterSaved();
readTables();
