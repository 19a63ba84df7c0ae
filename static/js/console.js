// What a console page does beside being live: a sound that somebody has switched on, the minute hand of what is shown,
// and care that a press means what was on the button.
(() => {
  "use strict";
  const SOUND = "console sound";
  const region = () => document.getElementById("live");
  const desk = document.getElementById("connection");
  const button = document.getElementById("sound");
  const calls = () => (region().dataset.calls ?? "").split(" ").filter(Boolean);

  // --- the sound: for each order that needs somebody, and again each minute until somebody has come --------------

  let isOn = recall() === "yes";
  let speaker; // browsers give one only to somebody who has touched the page
  let known = new Set(calls());

  function beep() {
    if (!isOn || speaker?.state !== "running") return;
    for (const [start, pitch] of [[0, 880], [0.22, 1175], [0.44, 880]]) {
      const [tone, volume, at] = [speaker.createOscillator(), speaker.createGain(), speaker.currentTime + start];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.5, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
      tone.connect(volume).connect(speaker.destination);
      tone.start(at);
      tone.stop(at + 0.2);
    }
  }

  function tell() {
    button.setAttribute("aria-pressed", String(isOn));
    const waits = isOn && speaker?.state !== "running";
    button.textContent = waits ? "Sound: touch the page once" : isOn ? "Sound is on" : "Sound is off";
  }

  async function wake() {
    if (!isOn || speaker?.state === "running") return;
    speaker ??= new AudioContext();
    await speaker.resume();
    tell();
  }

  button.addEventListener("click", async () => {
    isOn = !isOn;
    try { localStorage.setItem(SOUND, isOn ? "yes" : "no"); } catch { /* then it is forgotten */ }
    tell(); // before the speaker wakes: where there is none, some browsers never say so
    await wake();
    beep(); // that is what it will sound like
  });
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wake);

  function recall() {
    try { return localStorage.getItem(SOUND); } catch { return null; } // storage may be forbidden
  }

  setInterval(() => { // minutes are counted on this page, and only the server counts them
    if (calls().length) beep();
    if (desk.dataset.state === "live") region().dispatchEvent(new CustomEvent("ask"));
  }, 60000);

  // --- a press: what has just moved under a finger is not meant, and the keyboard stays where it was ----------------

  let pressed = "";
  const settling = document.body.classList;

  document.addEventListener("submit", ({ target }) => (pressed = target.closest(".ticket")?.id ?? "what"), true);
  document.addEventListener("click", (event) => {
    if (settling.contains("settling") && event.target.closest("#live button")) event.preventDefault();
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    if (calls().some((id) => !known.has(id))) beep();
    known = new Set(calls());
    if (!pressed) return;
    settling.add("settling");
    setTimeout(() => settling.remove("settling"), 600);
    const place = document.getElementById(pressed);
    if (!place?.contains(document.activeElement)) place?.querySelector("a, h1").focus();
    pressed = "";
  });

  tell();
})();
