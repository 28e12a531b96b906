// made by narration. One session: its face, its place, its chapters, and the buttons that play it.

import * as captions from "./captions.js";
import * as keep from "./keep.js";
import * as media from "./media.js";
import { forget, place, remember } from "./memory.js";
import * as sleep from "./sleep.js";
import * as stay from "./stay.js";
import { share } from "./volume.js";
import { clock, spoken } from "./words.js";

const by = (id) => document.getElementById(id);
const audio = by("audio");
const seek = by("seek");
const status = by("status");
const JUMP_S = 15;
const SAVE_S = 5;
const NEAR_END_S = 10;
const TELL_S = 30;
let current = null;
let wanted = "";
let saved = 0;
let told = 0;
let dragging = false;
share(audio, 1);

export const open = () => current;
export const sounding = () => !audio.paused || stay.on();

export async function load(id, address, whenKept) {
  if (current?.id === id) return;
  wanted = id;
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const next = await response.json();
  if (wanted !== id) return; // another was chosen meanwhile
  pause();
  current = next;
  show();
  captions.load(current);
  sleep.load(current, ended);
  stay.load(current.tail, changed);
  audio.src = current.src;
  audio.currentTime = place(id);
  saved = place(id);
  by("again").hidden = !saved;
  media.load(current, {
    play,
    pause,
    stop: pause,
    seekbackward: () => jump(-JUMP_S),
    seekforward: () => jump(JUMP_S),
    seekto: ({ seekTime }) => go(seekTime),
    previoustrack: () => chapterStep(-1),
    nexttrack: () => chapterStep(1),
  });
  status.textContent = saved ? `Continues at ${clock(saved)}.` : "";
  changed();
  follow();
  await keep.load(current, address, whenKept);
}

function show() {
  by("session-title").textContent = current.title;
  by("session-title").lang = current.language;
  by("facts").textContent = [`${Math.max(1, Math.round(current.seconds / 60))} min`, current.album, current.voice]
    .filter(Boolean)
    .join(" · ");
  by("cover").src = current.cover;
  seek.max = String(Math.ceil(current.seconds));
  const paragraphs = [current.description, current.posture && `How to be: ${current.posture}.`, current.notes];
  if (current.reviewed_by) paragraphs.push(`Reviewed by ${current.reviewed_by}.`);
  const lines = paragraphs.filter(Boolean).flatMap((words) => words.split("\n"));
  by("about").replaceChildren(...lines.filter(Boolean).map((words) => made("p", words)));
  by("about").lang = current.language;
  by("transcript").hidden = !current.transcript;
  if (current.transcript) by("transcript").href = current.transcript;
  by("chapters-box").hidden = current.chapters.length < 2;
  by("chapters").replaceChildren(...current.chapters.map(chapterRow));
}

function made(name, words) {
  const element = document.createElement(name);
  element.textContent = words;
  return element;
}

function chapterRow(chapter) {
  const row = document.createElement("li");
  const button = document.createElement("button");
  const words = made("span", chapter.title);
  words.dir = "auto";
  button.type = "button";
  const start = made("span", clock(chapter.start));
  start.className = "at";
  button.append(words, start);
  button.addEventListener("click", () => {
    go(chapter.start);
    play();
  });
  row.append(button);
  return row;
}

// Playing

export async function play() {
  sleep.touched();
  if (stay.held() && audio.ended) {
    stay.resume();
    changed();
    return;
  }
  stay.prime();
  stay.resume();
  try {
    await audio.play();
  } catch (error) {
    if (error.name === "AbortError") return; // another touch came first
    const offline = !navigator.onLine;
    status.textContent = offline ? "This session is not kept on this device." : "This session cannot be played here.";
  }
}

export function pause() {
  sleep.touched();
  audio.pause();
  stay.hold();
  changed();
}

export const toggle = () => (sounding() ? pause() : play());

// The sleep timer's end: back to where the fade began, so that nothing is missed the next time.
function ended(at, words) {
  pause();
  stay.stop();
  if (at !== null) go(at);
  status.textContent = words;
  changed();
}

function go(seconds) {
  sleep.touched();
  audio.currentTime = Math.min(Math.max(0, seconds), current.seconds - 0.1);
  if (audio.readyState === 0) saved = audio.currentTime;
  told = -Infinity;
  follow();
}

const jump = (seconds) => go(audio.currentTime + seconds);

function chapterStep(by) {
  const here = chapterNow();
  const again = by < 0 && audio.currentTime - (current.chapters[here]?.start ?? 0) > 3; // first to this one's start
  const there = current.chapters[here + by + (again ? 1 : 0)];
  if (there) go(there.start);
}

// Following

function chapterNow() {
  return current.chapters.findLastIndex((chapter) => chapter.start <= audio.currentTime + 0.05);
}

function follow() {
  if (!current) return;
  const at = audio.currentTime;
  if (!dragging) seek.value = String(Math.round(at));
  tellPlace(at);
  by("now").textContent = clock(at);
  by("left").textContent = `−${clock(current.seconds - at)}`;
  const here = chapterNow();
  by("chapter-now").textContent = current.chapters.length > 1 ? (current.chapters[here]?.title ?? "") : "";
  [...by("chapters").children].forEach((row, index) => {
    if (index === here) row.firstChild.setAttribute("aria-current", "true");
    else row.firstChild.removeAttribute("aria-current");
  });
  if (Math.abs(at - saved) >= SAVE_S) save();
}

// A screen reader on the slider would read out every change: it is told of what the listener does, else now and then.
function tellPlace(at) {
  if (document.activeElement === seek && Math.abs(at - told) < TELL_S) return;
  told = at;
  seek.setAttribute("aria-valuetext", `${spoken(at)} of ${spoken(current.seconds)}`);
}

function save() {
  if (!current || audio.readyState === 0) return;
  saved = audio.currentTime;
  if (audio.ended || saved > current.seconds - NEAR_END_S) forget(current.id);
  else if (saved >= SAVE_S) remember(current.id, saved);
}

export function changed() {
  const playing = sounding();
  document.body.classList.toggle("playing", playing);
  for (const id of ["play", "bar-play"]) by(id).setAttribute("aria-label", playing ? "Pause" : "Play");
  if (current) media.tell(audio, playing);
}

audio.addEventListener("timeupdate", follow);
audio.addEventListener("seeked", () => {
  follow();
  save();
});
audio.addEventListener("play", () => {
  by("again").hidden = true;
  status.textContent = "";
  changed();
});
audio.addEventListener("pause", () => {
  save();
  changed();
});
audio.addEventListener("ended", () => {
  save();
  changed();
  captions.say(stay.on() ? "" : "The session has ended.");
});
audio.addEventListener("ratechange", () => {
  if (audio.playbackRate !== 1) audio.playbackRate = 1; // the pauses are made; some menus change them
});
audio.addEventListener("error", () => {
  if (current) status.textContent = "This session cannot be fetched. Is there a network?";
});
addEventListener("pagehide", save);

seek.addEventListener("input", () => {
  dragging = true;
  by("now").textContent = clock(Number(seek.value));
});
seek.addEventListener("change", () => {
  dragging = false;
  go(Number(seek.value));
});
seek.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  jump(steps[event.key]);
});
by("play").addEventListener("click", toggle);
by("bar-play").addEventListener("click", toggle);
by("earlier").addEventListener("click", () => jump(-JUMP_S));
by("later").addEventListener("click", () => jump(JUMP_S));
by("restart").addEventListener("click", () => {
  stay.stop();
  forget(current.id);
  by("again").hidden = true;
  go(0);
  play();
});
