// A console page's alarm sound, the refresh of its relative times each minute, and protection of presses: a button that
// has just moved under a finger does nothing, and the keyboard's focus stays with its order.
(() => {
  "use strict";
  const SOUND = "console sound"; // the key in localStorage
  const region = () => /** @type {HTMLElement} */ (document.getElementById("live"));
  const statusElement = /** @type {HTMLElement} */ (document.getElementById("connection"));
  const soundButton = /** @type {HTMLElement} */ (document.getElementById("sound"));
  /** Returns the ids of the orders that need somebody. */
  const alarms = () => (region().dataset.calls ?? "").split(" ").filter(Boolean);

  // --- The sound: for each new alarm, and again each minute while there is one -------------------------------------

  let isOn = readSound() === "yes";
  /** @type {AudioContext | undefined} Browsers allow one only after somebody has touched the page. */
  let audio;
  let known = new Set(alarms());

  function beep() {
    if (!isOn || audio?.state !== "running") return;
    for (const [start, pitch] of [[0, 880], [0.22, 1175], [0.44, 880]]) {
      const [tone, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + start];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.5, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.2);
    }
  }

  function showSound() {
    soundButton.setAttribute("aria-pressed", String(isOn));
    const isWaiting = isOn && audio?.state !== "running";
    soundButton.textContent = isWaiting ? "Sound: touch the page once" : isOn ? "Sound is on" : "Sound is off";
  }

  async function startAudio() {
    if (!isOn || audio?.state === "running") return;
    audio ??= new AudioContext();
    await audio.resume();
    showSound();
  }

  soundButton.addEventListener("click", async () => {
    isOn = !isOn;
    try { localStorage.setItem(SOUND, isOn ? "yes" : "no"); } catch { /* Then the choice is lost with the page. */ }
    showSound(); // This comes first, because resume() never ends in some browsers without an audio device.
    await startAudio();
    beep(); // The person hears what the alarm will sound like.
  });
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, startAudio);

  function readSound() {
    try { return localStorage.getItem(SOUND); } catch { return null; } // Access to localStorage may be forbidden.
  }

  setInterval(() => { // The page shows times such as "4 minutes ago", which only the server computes.
    if (alarms().length) beep();
    if (statusElement.dataset.state === "live") region().dispatchEvent(new CustomEvent("ask"));
  }, 60000);

  // --- Presses: buttons do nothing just after the region has changed, and the focus goes back to its order ---------

  let submittedFrom = ""; // the id of the element that gets the focus after the response
  const bodyClasses = document.body.classList;

  document.addEventListener("submit", ({ target }) => {
    submittedFrom = /** @type {Element} */ (target).closest(".ticket")?.id ?? "what";
  }, true);
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (bodyClasses.contains("settling") && target.closest("#live button")) event.preventDefault();
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    if (alarms().some((id) => !known.has(id))) beep();
    known = new Set(alarms());
    if (!submittedFrom) return;
    bodyClasses.add("settling");
    setTimeout(() => bodyClasses.remove("settling"), 600);
    const container = document.getElementById(submittedFrom);
    if (!container?.contains(document.activeElement)) {
      /** @type {HTMLElement | null | undefined} */ (container?.querySelector("a, h1"))?.focus();
    }
    submittedFrom = "";
  });

  showSound();
})();
