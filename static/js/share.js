// Shares a link to the order: by the system's share sheet where there is one, else by copying it, else on its own page.
(() => {
  "use strict";
  let isBusy = false; // True until the first tap is handled: a second one while the share sheet is open does nothing.

  const hasSheet = () => "share" in navigator;

  /**
   * @param {DOMStringMap} link
   * @param {Element} container
   */
  async function share({ title, url = "" }, container) {
    const failure = hasSheet() && (await navigator.share({ title, url }).catch((error) => error.name));
    if (hasSheet() && (!failure || failure === "AbortError")) return; // It is shared, or the sheet was closed.
    await navigator.clipboard.writeText(url);
    const copied = /** @type {HTMLElement} */ (container.querySelector(".copied"));
    copied.hidden = false;
    /** @type {HTMLElement} */ (document.getElementById("said")).textContent = copied.textContent;
  }

  document.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.id !== "share-form") return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const request = { method: "POST", headers: { Accept: "application/json" } };
    const response = await fetch(form.action, request).catch(() => null);
    if (response?.ok) await response.json().then((link) => share(link, form)).catch(() => form.submit());
    else if (response) form.submit(); // The page that comes back says why there is no link.
    else /** @type {HTMLElement} */ (document.getElementById("unsent")).hidden = false;
    isBusy = false;
  });

  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-url]"))) {
    const container = () => /** @type {Element} */ (button.closest(".share"));
    if (hasSheet()) button.textContent = "Share…";
    button.addEventListener("click", () => share(button.dataset, container()).catch(() => {}));
    button.hidden = false;
  }
})();
