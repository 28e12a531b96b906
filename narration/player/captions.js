// made by narration. Captions that follow, by the browser's own text tracks (WebVTT).

import { choice, choose } from "./memory.js";

const audio = document.getElementById("audio");
const shown = document.getElementById("caption");
const box = document.getElementById("captions");

export function load(session) {
  for (const old of audio.querySelectorAll("track")) old.remove();
  shown.textContent = "";
  shown.lang = session.language;
  box.closest("p").hidden = !session.captions;
  if (!session.captions) return;
  const track = document.createElement("track");
  track.kind = "captions";
  track.srclang = session.language;
  track.src = session.captions;
  audio.append(track);
  track.track.mode = "hidden"; // read, but not drawn by the browser
  track.track.addEventListener("cuechange", () => follow(track.track));
}

function follow(track) {
  const words = [...(track.activeCues ?? [])].map((cue) => cue.getCueAsHTML().textContent.replace(/\s+/g, " "));
  shown.textContent = words.join("\n");
}

export function say(words) {
  shown.textContent = words;
}

box.checked = choice("captions", true);
const apply = () => shown.classList.toggle("off", !box.checked);
box.addEventListener("change", () => {
  choose("captions", box.checked);
  apply();
});
apply();
