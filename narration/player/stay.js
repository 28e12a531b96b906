// made by narration. The sound that stays after the voice, for up to eight hours.
//
// Its file rises and falls by itself; two elements take turns, each started `step` seconds after the other, so that their
// powers add up to one and nobody hears where one ends. It comes in while the session's own tail fades.

import { choice, choose } from "./memory.js";
import { FADE_S, fade, settable, share } from "./volume.js";
import { left } from "./words.js";

const audio = document.getElementById("audio");
const select = document.getElementById("stay");
const row = document.getElementById("stay-row");
const note = document.getElementById("stay-sound");
const plays = [new Audio(), new Audio()];
let tail = null;
let turn = 0;
let due = 0; // the timer of the next start
let leftMs = 0;
let last = 0;
let state = "off"; // off, on, held
let stopped = () => {};
export let muted = false; // the sleep timer ends with the session: nothing stays

export const on = () => state === "on";
export const held = () => state === "held";
export const sounds = () => plays;
export const mute = (value) => (muted = value);
const hours = () => (tail && !muted ? Number(select.value) : 0);

export function load(next, whenStopped) {
  stop();
  tail = next;
  stopped = whenStopped;
  row.hidden = !tail;
  if (!tail) return;
  select.value = String(choice("stay", 0));
  if (!select.value) select.value = "0";
  for (const one of plays) {
    one.preload = "none";
    one.src = tail.sound;
    share(one, 0);
  }
  tell();
}

// Called while a finger is down: phones let an element start by itself later only if it was started by a touch once.
export function prime() {
  if (!hours() || state !== "off") return;
  for (const one of plays) {
    one.muted = true;
    one
      .play()
      .then(() => {
        if (state !== "off" && one === plays[turn]) return; // it began meanwhile
        one.pause();
        one.currentTime = 0;
      })
      .catch(() => {})
      .finally(() => (one.muted = false));
  }
}

function begin() {
  state = "on";
  leftMs = hours() * 3600e3;
  last = Date.now();
  start();
}

function start() {
  due = 0;
  const one = plays[turn];
  one.currentTime = 0;
  follow();
  one.play().catch(() => {});
}

function next() {
  turn = 1 - turn;
  start();
}

// The share of the sound while the session's tail fades: what a sine leaves out, the cosine holds.
function follow() {
  const length = audio.duration - tail.start;
  const gone = audio.ended || !settable ? 1 : Math.min(1, Math.max(0, (audio.currentTime - tail.start) / length));
  for (const one of plays) share(one, Math.sin((Math.PI / 2) * gone));
}

function entry() {
  return settable ? tail.start : tail.start + 0.4 * (audio.duration - tail.start);
}

audio.addEventListener("timeupdate", () => {
  if (!tail) return;
  if (state === "off" && hours() && !audio.paused && audio.currentTime >= entry()) begin();
  else if (state !== "off" && audio.currentTime < entry()) stop();
  if (state === "on") follow();
});
audio.addEventListener("ended", () => {
  if (tail && state === "off" && hours()) begin();
  if (state === "on") follow();
});

for (const one of plays) {
  one.addEventListener("timeupdate", () => {
    if (state !== "on" || one !== plays[turn]) return;
    const wait = tail.step - one.currentTime;
    if (wait < 0.6 && !due) due = setTimeout(next, Math.max(0, wait) * 1000);
    count();
  });
  one.addEventListener("ended", () => {
    if (state === "on" && one === plays[turn]) next();
  });
}

function count() {
  leftMs -= Date.now() - last;
  last = Date.now();
  if (leftMs <= 0 && audio.ended) {
    leftMs = Infinity;
    fade(FADE_S, () => {
      stop();
      stopped();
    });
  }
  tell();
}

export function hold() {
  if (state !== "on") return;
  state = "held";
  clearTimeout(due);
  due = 0;
  for (const one of plays) one.pause();
}

export function resume() {
  if (state !== "held") return;
  state = "on";
  last = Date.now();
  for (const one of plays) if (one === plays[turn] || one.currentTime > tail.step) one.play().catch(() => {});
}

export function stop() {
  state = "off";
  clearTimeout(due);
  due = 0;
  for (const one of plays) one.pause();
  if (tail) tell();
}

function tell() {
  const words = state === "off" || !Number.isFinite(leftMs) ? tail.title : `${tail.title}: ${left(leftMs / 1000)}`;
  if (note.textContent !== words) note.textContent = words;
}

select.addEventListener("change", () => {
  choose("stay", Number(select.value));
  leftMs = hours() * 3600e3;
  if (state !== "off" && !hours()) {
    const alone = audio.ended && state === "on";
    stop();
    if (alone) stopped();
  }
});
