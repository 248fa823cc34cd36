// The panes of a new dataset: what was chosen stays in the address, and waiting is told in words.
const wizard = document.getElementById("wizard");

document.addEventListener("htmx:after:swap", () => {
  // So a page that is loaded again, or come back to, shows what was chosen last.
  const path = document.querySelector("[data-path]")?.dataset.path;
  if (path) history.replaceState(null, "", path);
});

for (const radio of document.querySelectorAll("[data-reveals]")) {
  const part = document.getElementById(radio.dataset.reveals);
  const show = () => { part.hidden = !radio.checked; };
  wizard.addEventListener("change", show);
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-waits]");
  if (!button) return;
  const words = document.createElement("p");
  words.className = "quiet";
  words.textContent = button.dataset.words;
  document.getElementById(button.dataset.waits).replaceChildren(words);
}, true);

wizard.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.busy) button.textContent = button.dataset.busy;
});
