// A link to the order by one tap: into the system's share sheet where there is one, else copied, else on its own page.
(() => {
  "use strict";
  let isBusy = false; // a second tap, while the sheet is open

  async function pass({ title, url }, from) {
    const refusal = await navigator.share?.({ title, url }).catch((error) => error.name);
    if (navigator.share && (!refusal || refusal === "AbortError")) return; // done, or thought better of
    await navigator.clipboard.writeText(url);
    const copied = from.querySelector(".copied");
    copied.hidden = false;
    document.getElementById("said").textContent = copied.textContent;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "share-form") return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } }).catch(() => null);
    if (response?.ok) await response.json().then((link) => pass(link, form)).catch(() => form.submit());
    else if (response) form.submit(); // the page says why not
    else document.getElementById("unsent").hidden = false;
    isBusy = false;
  });

  for (const button of document.querySelectorAll("[data-url]")) {
    if (navigator.share) button.textContent = "Share…";
    button.addEventListener("click", () => pass(button.dataset, button.closest(".share")).catch(() => {}));
    button.hidden = false;
  }
})();
