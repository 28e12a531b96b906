// made by narration. The sleep timer: a number of minutes, the end of the chapter or of the session. It lets a sentence
// end, then fades out over a minute.

import * as stay from "./stay.js";
import { FADE_S, fade, stopFade } from "./volume.js";
import { left } from "./words.js";

const audio = document.getElementById("audio");
const select = document.getElementById("timer");
const note = document.getElementById("timer-left");
const TICK_MS = 250;
const WAIT_MS = 20000; // for a sentence to end, at most
const SHORTEST_S = 4; // of a fade before the next chapter's first word
let leftMs = 0;
let last = 0;
let waited = 0;
let ticking = 0;
let phase = "off"; // off, counting, sentence, fading
let chapterEnd = 0;
let chapters = [];
let pauseAll = () => {};

export function load(session, pause) {
  off();
  chapters = session.chapters;
  pauseAll = pause;
}

export function off() {
  clearInterval(ticking);
  if (phase === "fading") stopFade();
  phase = "off";
  select.value = "off";
  stay.mute(false);
  tell("");
}

// A touch in the middle of the fade means that somebody is awake: the sound comes back and the timer is off.
export function touched() {
  if (phase === "fading" || phase === "sentence") off();
}

const cues = () => [...(audio.textTracks[0]?.cues ?? [])];
const speaking = () => (audio.textTracks[0]?.activeCues?.length ?? 0) > 0;
const tell = (words) => {
  if (note.textContent !== words) note.textContent = words;
};

function endOfChapter() {
  const after = chapters.find((chapter) => chapter.start > audio.currentTime + 0.5);
  return after ? after.start : audio.duration;
}

// The end of the chapter's last sentence, and the seconds of silence after it.
function lastWord() {
  const here = (cue) => cue.startTime < chapterEnd - 0.05; // captions know milliseconds, chapters know better
  const said = cues().filter(here);
  const next = cues().find((cue) => !here(cue));
  const end = said.length ? Math.min(said.at(-1).endTime, chapterEnd) : chapterEnd;
  return [end, (next ? next.startTime : audio.duration) - end];
}

function tick() {
  const now = Date.now();
  if (!audio.paused || stay.on()) {
    if (phase === "counting" && Number(select.value)) leftMs -= now - last;
    if (phase === "counting") count(now);
    if (phase === "sentence" && (!speaking() || audio.paused || now - waited > WAIT_MS)) end(FADE_S);
  }
  last = now;
}

function count(now) {
  if (Number(select.value)) {
    tell(left(leftMs / 1000));
    if (leftMs <= 0) {
      waited = now;
      phase = "sentence";
      tell("ends with this sentence");
    }
  } else if (select.value === "chapter") {
    const [word, silence] = lastWord();
    if (audio.currentTime >= word - 0.05) end(Math.min(FADE_S, Math.max(SHORTEST_S, silence)));
  }
}

function end(seconds) {
  phase = "fading";
  tell("fading out");
  const from = audio.currentTime;
  fade(seconds, () => {
    phase = "off";
    pauseAll(audio.ended ? null : from, "The sleep timer has ended it.");
    off();
  });
}

select.addEventListener("change", () => {
  const chosen = select.value;
  off();
  select.value = chosen;
  if (chosen === "off") return;
  phase = "counting";
  leftMs = Number(chosen) * 60e3 || 0;
  last = Date.now();
  chapterEnd = endOfChapter();
  stay.mute(chosen === "track");
  tell(leftMs ? left(leftMs / 1000) : "");
  ticking = setInterval(tick, TICK_MS);
});
audio.addEventListener("seeked", () => {
  if (phase === "counting" && select.value === "chapter") chapterEnd = endOfChapter();
});
audio.addEventListener("ended", () => {
  if (!stay.on() && !stay.held() && phase !== "off") off();
});
