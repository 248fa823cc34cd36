// Long values open where they are; shares of empty values find their columns.
document.addEventListener("click", (event) => {
  event.target.closest?.(".cut")?.classList.toggle("open");
});

document.addEventListener("htmx:after:swap", () => {
  for (const one of document.querySelectorAll("#shares li")) {
    const cell = document.querySelector(`[data-share="${CSS.escape(one.dataset.name)}"]`);
    if (cell) cell.textContent = one.textContent;
  }
});
