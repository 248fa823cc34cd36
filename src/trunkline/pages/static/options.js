// Lists of options that can be searched, all or none ticked, and days picked from a calendar.
function count(picker) {
  const status = picker.querySelector("[role=status]");
  const boxes = [...picker.querySelectorAll("input[type=checkbox]")];
  if (status && boxes.length) status.textContent = `${boxes.filter((box) => box.checked).length} of ${boxes.length}`;
}

let isMoreOpen = false;

function prepare() {
  for (const tools of document.querySelectorAll(".picker-tools")) {
    tools.hidden = false;
    count(tools.closest(".picker"));
    search(tools.querySelector(".find"));
  }
  for (const pick of document.querySelectorAll(".pick")) pick.hidden = false;
  if (isMoreOpen) for (const more of document.querySelectorAll(".further")) more.open = true;
}

function search(field) {
  const wanted = field.value.trim().toLowerCase();
  for (const label of field.closest(".picker").querySelectorAll(".check")) {
    label.hidden = !label.textContent.toLowerCase().includes(wanted);
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches(".find")) return;
  event.stopPropagation();
  search(event.target);
});

document.addEventListener("keydown", (event) => {
  // Enter in a search field is no wish to send the form.
  if (event.key === "Enter" && event.target.matches?.(".find")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-tick]");
  if (!button) return;
  const picker = button.closest(".picker");
  for (const label of picker.querySelectorAll(".check:not([hidden])")) {
    label.querySelector("input").checked = button.dataset.tick === "all";
  }
  count(picker);
  picker.querySelector("input[type=checkbox]")?.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches(".find")) event.stopImmediatePropagation();
  if (target.matches(".picker input[type=checkbox]")) count(target.closest(".picker"));
  if (target.matches(".pick") && target.value) {
    const into = document.getElementById(target.dataset.into);
    into.value = target.value;
    into.dispatchEvent(new Event("change", { bubbles: true }));
  }
}, true);

document.addEventListener("click", (event) => {
  const summary = event.target.closest?.(".further > summary");
  if (summary) isMoreOpen = !summary.parentElement.open;
});

document.addEventListener("htmx:after:swap", prepare);
prepare();
