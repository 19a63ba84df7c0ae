// Buttons that copy the text beside them. Without this script they stay hidden, and people select and copy by hand.
(() => {
  "use strict";
  const announcement = /** @type {HTMLElement} */ (document.getElementById("copied"));
  if (!navigator.clipboard) return;

  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-copy]"))) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = /** @type {HTMLElement} */ (document.getElementById(button.dataset.copy ?? ""));
      await navigator.clipboard.writeText(source.textContent).then(
        () => (announcement.textContent = `Copied: ${source.getAttribute("aria-label")}`),
        () => getSelection()?.selectAllChildren(source), // Where copying is not allowed, the text is at least selected.
      );
    });
  }
})();
