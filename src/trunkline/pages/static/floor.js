// Keeps the floor fresh: parts of the page as they change, lengths of time each second, and when it last heard.
const heard = document.getElementById("heard");
const agents = document.getElementById("floor-agents");
let source = null;
let last = null;
let away = false;

const length = (milliseconds) => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
};

const say = (text, kind) => {
  heard.className = `tag ${kind}`;
  if (heard.textContent !== text) heard.textContent = text;
};

const tick = () => {
  for (const cell of document.querySelectorAll("[data-since]")) {
    cell.textContent = length(Date.now() - Number(cell.dataset.since));
  }
  const silent = last === null ? 0 : Math.round((Date.now() - last) / 1000);
  if (document.hidden) return;
  if (away) say("the dialer's database does not answer", "bad");
  else if (last === null) say("listening…", "");
  else if (silent < 10) say("live, heard just now", "good");
  else say(`last heard ${length(silent * 1000)} ago`, "warn");
};

const listen = () => {
  if (source) return;
  source = new EventSource(heard.dataset.events);
  source.onmessage = (event) => {
    [last, away] = [Date.now(), false];
    for (const [name, html] of Object.entries(JSON.parse(event.data).parts)) {
      document.getElementById(`floor-${name}`).innerHTML = html;
    }
    document.getElementById("nobody")?.toggleAttribute("hidden", agents.querySelector(".tag") !== null);
    tick();
  };
  source.addEventListener("away", () => { away = true; tick(); });
};

const pause = () => {
  source?.close();
  source = null;
  say("paused while nobody looks", "");
};

document.addEventListener("visibilitychange", () => (document.hidden ? pause() : listen()));
addEventListener("pagehide", pause);
addEventListener("pageshow", () => { if (!document.hidden) listen(); });
document.getElementById("again").remove();
setInterval(tick, 1000);
tick();
