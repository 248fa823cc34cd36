// A plain text area made good for SQL: line numbers, Tab, Ctrl+Enter, suggestions of tables and columns.
const WORDS = ["select", "from", "where", "group by", "order by", "limit", "join", "left join", "having", "with", "count(*)", "sum(", "avg(", "min(", "max(", "distinct", "case when", "between", "date_trunc("];
const MOST = 12;
const PLAIN = /^[a-z_][a-z0-9_]*$/;

const quoted = (name) => (PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

// The word that stands before the caret, and what stands before its dot.
function wordBefore(text) {
  const found = /(?:([A-Za-z_][\w]*|"[^"]+")\.)?([A-Za-z_]\w*)?$/.exec(text);
  return { owner: (found?.[1] ?? "").replaceAll('"', ""), word: found?.[2] ?? "" };
}

function isInText(before) {
  const bare = before.replace(/'[^']*'/g, "").replace(/--[^\n]*\n/g, "");
  return bare.includes("'") || /--[^\n]*$/.test(bare);
}

// Tables named after FROM and JOIN, with their aliases.
function named(text, tables) {
  const found = new Map();
  for (const [, name, alias] of text.matchAll(/\b(?:from|join)\s+(?:datasets\.)?"?(\w+)"?(?:\s+(?:as\s+)?(?!on\b|where\b|join\b|left\b|group\b|order\b|limit\b|using\b|inner\b)(\w+))?/gi)) {
    const table = tables.find((one) => one.name === name.toLowerCase());
    if (table) {
      found.set(table.name, table);
      if (alias) found.set(alias.toLowerCase(), table);
    }
  }
  return found;
}

class Editor {
  constructor({ area, lines, list, status, onRun }) {
    Object.assign(this, { area, lines, list, status, onRun, tables: [], shown: [], at: -1, tabLeaves: false });
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", list.id);
    area.addEventListener("input", () => { this.number(); this.suggest(); });
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("scroll", () => { lines.scrollTop = area.scrollTop; this.close(); });
    area.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    area.addEventListener("click", () => this.close());
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.take([...list.children].indexOf(item));
    });
    this.number();
  }

  number() {
    const count = this.area.value.split("\n").length;
    this.lines.textContent = Array.from({ length: count }, (_, at) => at + 1).join("\n");
  }

  key(event) {
    const { area } = this;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.close();
      this.onRun();
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.suggest(true);
    } else if (this.shown.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + this.shown.length) % this.shown.length);
    } else if (this.shown.length && (event.key === "Tab" || (event.key === "Enter" && this.isMoved)) && !event.shiftKey) {
      event.preventDefault();
      this.take(this.at);
    } else if (event.key === "Escape") {
      this.tabLeaves = !this.shown.length;
      this.close();
    } else if (event.key === "Tab" && !this.tabLeaves) {
      event.preventDefault();
      this.indent(event.shiftKey);
    } else if (!["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) {
      this.tabLeaves = false;
    }
  }

  // Through the browser's own editing, so that it can be undone.
  type(from, to, text) {
    this.area.focus();
    this.area.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) {
      this.area.setRangeText(text, from, to, "end");
      this.area.dispatchEvent(new Event("input"));
    }
  }

  indent(isBack) {
    const { area } = this;
    const { selectionStart: start, selectionEnd: end, value } = area;
    if (start === end && !isBack) {
      this.type(start, end, "  ");
      return;
    }
    const from = value.lastIndexOf("\n", start - 1) + 1;
    const part = value.slice(from, end);
    const turned = isBack ? part.replace(/^( {1,2}|\t)/gm, "") : part.replace(/^/gm, "  ");
    if (turned === part) return;
    this.type(from, end, turned);
    area.setSelectionRange(from, from + turned.length);
  }

  insert(text) {
    const { selectionStart, selectionEnd, value } = this.area;
    const needsGap = selectionStart > 0 && /[\w"*]$/.test(value.slice(0, selectionStart));
    this.type(selectionStart, selectionEnd, (needsGap ? " " : "") + text);
    this.close();
  }

  candidates(owner, word, before) {
    const inUse = named(this.area.value, this.tables);
    const columns = (table) => table.columns.map(([name, type]) => ({ text: quoted(name), label: name, kind: type }));
    const table = (one) => ({ text: quoted(one.name), label: one.name, kind: "dataset" });
    let all;
    if (owner && owner.toLowerCase() !== "datasets") {
      const found = inUse.get(owner.toLowerCase()) ?? this.tables.find((one) => one.name === owner.toLowerCase());
      all = found ? columns(found) : [];
    } else if (owner || /\b(from|join)\s+\w*$/i.test(before)) {
      all = this.tables.map(table);
    } else {
      const words = WORDS.map((text) => ({ text, label: text, kind: "" }));
      const near = [...new Set(inUse.values())].flatMap(columns);
      all = [...near, ...this.tables.map(table), ...words];
    }
    const start = word.toLowerCase();
    const seen = new Set();
    const fits = all.filter((one) => one.label.toLowerCase() !== start && !seen.has(one.label) && seen.add(one.label));
    const begins = fits.filter((one) => one.label.toLowerCase().startsWith(start));
    const holds = start.length > 1 ? fits.filter((one) => !begins.includes(one) && one.kind && one.label.toLowerCase().includes(start)) : [];
    return [...begins, ...holds].slice(0, MOST);
  }

  suggest(isAsked = false) {
    const { area } = this;
    const before = area.value.slice(0, area.selectionStart);
    const { owner, word } = wordBefore(before);
    const isAfterName = /[\w"]$/.test(area.value.slice(area.selectionStart, area.selectionStart + 1));
    if (isInText(before) || isAfterName || (!isAsked && !word && !owner)) {
      this.close();
      return;
    }
    this.word = word;
    this.shown = this.candidates(owner, word, before);
    if (!this.shown.length) {
      this.close();
      return;
    }
    const { made } = globalThis.answers;
    this.list.replaceChildren(...this.shown.map((one, at) => {
      const item = made("li", { id: `suggestion-${at}` }, made("span", { textContent: one.label }), made("span", { className: "quiet", textContent: one.kind }));
      item.setAttribute("role", "option");
      return item;
    }));
    this.list.hidden = false;
    this.place(before);
    this.mark(0);
    this.isMoved = false;
    this.status.textContent = `${this.shown.length} suggestions; arrow keys choose, Tab takes one.`;
  }

  place(before) {
    const style = getComputedStyle(this.area);
    const lines = before.split("\n");
    const line = parseFloat(style.lineHeight);
    const mirror = globalThis.answers.made("span", { textContent: lines.at(-1).slice(0, lines.at(-1).length - this.word.length) });
    mirror.style.cssText = `position:absolute;visibility:hidden;white-space:pre;font:${style.font}`;
    document.body.append(mirror);
    const left = this.area.offsetLeft + 10 + mirror.offsetWidth - this.area.scrollLeft;
    mirror.remove();
    const most = this.area.parentElement.clientWidth - this.list.offsetWidth - 6;
    this.list.style.left = `${Math.max(4, Math.min(left, most))}px`;
    this.list.style.top = `${10 + lines.length * line - this.area.scrollTop}px`;
  }

  mark(at) {
    this.at = at;
    this.isMoved = true;
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `suggestion-${at}`);
  }

  take(at) {
    const { selectionStart } = this.area;
    const chosen = this.shown[at];
    const from = selectionStart - this.word.length;
    this.close();
    this.type(from, selectionStart, chosen.text);
    this.close();
  }

  close() {
    this.shown = [];
    this.list.hidden = true;
    this.area.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }

  // The first place of a name that the database does not know.
  pointAt(name) {
    const at = name ? this.area.value.toLowerCase().search(new RegExp(`(?<!\\w)${name.toLowerCase().replace(/[^\w]/g, "\\$&")}(?!\\w)`)) : -1;
    if (at < 0) return;
    this.area.focus();
    this.area.setSelectionRange(at, at + name.length);
  }

  // Puts the caret where the database says a mistake is.
  point(line, text) {
    const lines = this.area.value.split("\n");
    if (line > lines.length) return;
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const [before, after] = text.split("▸");
    const at = lines[line - 1].indexOf(before.replace(/^…/, "") + after);
    if (at < 0) return;
    const from = start + at + before.replace(/^…/, "").length;
    const word = /^("[^"]*"|\w+|.)/.exec(after)?.[0] ?? "";
    this.area.focus();
    this.area.setSelectionRange(from, from + word.length);
  }
}

globalThis.SqlEditor = Editor;
globalThis.quotedName = quoted;
