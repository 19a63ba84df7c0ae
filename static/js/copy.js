// Buttons that copy what stands beside them; without this script it is marked and copied by hand.
(() => {
  "use strict";
  const said = document.getElementById("copied");
  if (!navigator.clipboard) return;

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText(text.textContent).then(
        () => (said.textContent = `Copied: ${text.getAttribute("aria-label")}`),
        () => getSelection().selectAllChildren(text), // not allowed to: then all of it is at least marked
      );
    });
  }
})();
