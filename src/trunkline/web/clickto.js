// Trunkline: a button that has a web page's visitor called back.
//
//   <script src="https://phone.example.com/clickto.js" data-block="99" defer></script>
//
// It stands where the script stands, or in the element that data-into selects. Further attributes:
// data-ref (your reference), data-number (a number to begin with), data-lang (of the words below), and
// data-text-NAME for each of the words below.
(() => {
  "use strict";
  const script = document.currentScript;
  const given = script.dataset;
  const server = new URL(script.src).origin;
  const words = {
    label: "Your phone number",
    button: "Call me",
    asking: "One moment…",
    calling: "We are calling our people. Keep your phone at hand.",
    connecting: "Your phone rings now.",
    talking: "You are connected.",
    ended: "The call has ended.",
    failed: "We could not reach anybody. Please try again later.",
    unknown: "We do not know what became of the call.",
    missing: "Please write your phone number.",
    offline: "That did not work. Please try again.",
    // Empty: what the server says.
    wrong: "",
    many: "",
    closed: "",
  };
  const BY_CODE = { invalid_parameters: "wrong", too_many_calls: "many", closed: "closed" };
  for (const name of Object.keys(words)) {
    words[name] = given[`text${name[0].toUpperCase()}${name.slice(1)}`] || words[name];
  }
  const OPEN = ["calling", "connecting", "talking"];
  const EVERY = 2000;
  const MOST_LOOKS = 1800;

  // Colours of text and of light or dark are the page's: the visitor may prefer dark on a page that is light.
  const STYLE = `
    :host { display: block; max-width: 22rem; font: inherit; color: inherit; }
    form { display: grid; gap: 0.5rem; margin: 0; }
    label { font-weight: 600; }
    div { display: flex; flex-wrap: wrap; gap: 0.5rem; }
    input, button { font: inherit; box-sizing: border-box; min-height: 2.75rem; padding: 0.5rem 0.75rem;
      border-radius: 0.375rem; }
    input { flex: 1 1 10rem; min-width: 0; border: 1px solid #6b7280; background: Field; color: FieldText; }
    button { flex: 0 0 auto; border: 1px solid #0b5cad; background: #0b5cad; color: #fff; cursor: pointer; }
    button[aria-disabled="true"] { background: #4b5563; border-color: #4b5563; cursor: default; }
    input:focus-visible, button:focus-visible { outline: 3px solid #f59e0b; outline-offset: 2px; }
    p { margin: 0; min-height: 1.5em; }
    p[data-state="failed"] { border-inline-start: 4px solid #dc2626; padding-inline-start: 0.5rem; }
  `;

  const made = (name, attributes, text) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };

  const host = made("trunkline-clickto", given.lang ? { lang: given.lang } : {});
  const root = host.attachShadow({ mode: "open" });
  // A sheet of the script's own: pages that forbid inline styles have the button in shape too.
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  }
  const form = made("form", { novalidate: "" });
  const label = made("label", { for: "number" }, words.label);
  const input = made("input", {
    id: "number", name: "number", type: "tel", autocomplete: "tel", inputmode: "tel", required: "",
    maxlength: "40", "aria-describedby": "status",
  });
  input.value = given.number || "";
  const button = made("button", { type: "submit" }, words.button);
  const status = made("p", { id: "status", role: "status", "aria-live": "polite", "data-state": "idle" });
  const row = made("div", {});
  row.append(input, button);
  form.append(label, row, status);
  root.append(form);

  const say = (state, text) => {
    // Said once: a screen reader would tell the same words again.
    if (status.dataset.state === state && status.textContent === text) return;
    status.dataset.state = state;
    status.textContent = text;
    const isBusy = ["asking", "calling", "connecting", "talking"].includes(state);
    // aria-disabled keeps the button in reach of the keyboard, and its focus where it was.
    button.setAttribute("aria-disabled", String(isBusy));
    input.readOnly = isBusy;
    host.dispatchEvent(new CustomEvent("clickto", { bubbles: true, detail: { state } }));
  };

  const path = `${server}/api/v1/clickto/${encodeURIComponent(given.block || "")}`;
  class Refused extends Error {}

  const told = (content) => {
    const text = content.problems?.[0]?.message.replace(/^number: /, "") || content.message || words.offline;
    return text[0].toUpperCase() + text.slice(1);
  };

  const ask = async (way, method, ticket, body) => {
    const headers = ticket ? { Authorization: `Bearer ${ticket}` } : {};
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(path + way, {
      method, headers, body: body && JSON.stringify(body), credentials: "omit", referrerPolicy: "origin",
    });
    const content = await answer.json();
    if (!answer.ok) throw new Refused(words[BY_CODE[content.code]] || told(content));
    return content;
  };

  const pause = () => new Promise((done) => setTimeout(done, EVERY));

  const follow = async (ticket, call) => {
    let misses = 0;
    for (let look = 0; look < MOST_LOOKS && OPEN.includes(call.state); look += 1) {
      say(call.state, words[call.state]);
      await pause();
      try {
        call = await ask(`/calls/${call.id}`, "GET", ticket);
        misses = 0;
      } catch (error) {
        misses += 1;
        if (error instanceof Refused || misses > 5) return say("unknown", words.unknown);
      }
    }
    return say(call.state in words ? call.state : "unknown", words[call.state] || words.unknown);
  };

  // A ticket calls once: sent again after a lost answer, it finds the call that it has placed.
  const place = async (ticket, body) => {
    try {
      return await ask("/calls", "POST", ticket, body);
    } catch (error) {
      if (error instanceof Refused) throw error;
      await pause();
      return ask("/calls", "POST", ticket, body);
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    if (!input.value.trim()) {
      say("failed", words.missing);
      input.focus();
      return;
    }
    say("asking", words.asking);
    const page = (location.origin + location.pathname).slice(0, 1000);
    const referrer = document.referrer.slice(0, 4000);
    try {
      const { ticket } = await ask("/ticket", "POST");
      const body = { number: input.value, page, referrer, ref: given.ref || "" };
      await follow(ticket, await place(ticket, body));
    } catch (error) {
      say("failed", error instanceof Refused ? error.message : words.offline);
    }
  });

  const show = () => {
    const into = given.into && document.querySelector(given.into);
    if (into) into.append(host);
    else script.after(host);
  };
  if (given.into && document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
  else show();
})();
