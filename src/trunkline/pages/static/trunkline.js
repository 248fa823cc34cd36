// What every page does: the menu of narrow windows, questions before what cannot be undone, the viewer's zone.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `trunkline_zone=${zone}; path=/; max-age=31536000; samesite=lax`;

const menu = document.querySelector(".menu-button");
menu?.addEventListener("click", () => {
  const open = document.getElementById("areas").classList.toggle("open");
  menu.setAttribute("aria-expanded", String(open));
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.ask;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard) { // without encryption browsers let nobody at it: then it is marked for copying
    window.getSelection().selectAllChildren(source);
    source.select?.();
    return;
  }
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1500);
});
