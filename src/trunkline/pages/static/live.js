// Parts of a page that the server sends anew whenever they have changed: <div data-live="/path">.
// A part is put in as it comes; only what differs is touched, so that nothing flickers or loses the focus.
for (const place of document.querySelectorAll("[data-live]")) listen(place);

function listen(place) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("part", (event) => { put(place, event.data); });
  source.addEventListener("end", () => {
    source.close();
    if (place.dataset.then === "reload") window.location.reload();
  });
  window.addEventListener("pagehide", () => source.close());
}

function put(place, text) {
  const held = document.activeElement?.id;
  if (place.innerHTML !== text) place.innerHTML = text;
  if (held) document.getElementById(held)?.focus();
}
