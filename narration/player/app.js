// made by narration. The page: the list, which session is shown, and the worker for offline use.

import "./dim.js";
import { kept } from "./keep.js";
import { last, place } from "./memory.js";
import * as session from "./session.js";
import { clock } from "./words.js";

const by = (id) => document.getElementById(id);
const links = [...document.querySelectorAll("a.session")];
const title = document.title;
let cameFrom = null;

for (const link of links) link.href = `#${link.dataset.id}`; // without scripts it is the sound file itself

const linkOf = (id) => links.find((link) => link.dataset.id === id);
const address = (link) => `player/tracks/${link.dataset.id}.json?v=${link.dataset.version}`;

async function route(first) {
  const asked = location.hash;
  const link = linkOf(asked.slice(1));
  if (link) {
    try {
      await session.load(link.dataset.id, address(link), marks);
    } catch {
      location.hash = "";
      by("none").textContent = "This session is not kept on this device, and there is no network.";
      by("none").hidden = false;
      return;
    }
  }
  if (location.hash !== asked) return; // gone on meanwhile
  by("library").hidden = Boolean(link);
  by("session").hidden = !link;
  document.title = link ? `${session.open().title} – ${title}` : title;
  if (link) {
    cameFrom = link;
    scrollTo(0, 0);
    if (!first) by("session-title").focus({ preventScroll: true });
  } else {
    again();
    if (!first) (cameFrom ?? by("library-title")).focus();
  }
  bar(!link);
}

function bar(listed) {
  const now = session.open();
  by("bar").hidden = !(listed && now);
  if (!now) return;
  by("bar-title").textContent = now.title;
  by("bar-link").href = `#${now.id}`;
}

// Continue where I was
function again() {
  const link = linkOf(last());
  const shown = link && session.open()?.id !== link.dataset.id;
  by("continue").hidden = !shown;
  if (!shown) return;
  by("continue").firstElementChild.href = `#${link.dataset.id}`;
  by("continue-title").textContent = link.querySelector(".name").textContent;
  by("continue-at").textContent = `at ${clock(place(link.dataset.id))}`;
}

async function marks() {
  const here = await kept();
  for (const link of links) link.querySelector(".kept").hidden = !here.includes(link.dataset.id);
}

function filter() {
  const [low, high] = (document.querySelector("#lengths input:checked")?.value || "0-9999").split("-").map(Number);
  for (const row of document.querySelectorAll(".shelf li")) {
    row.hidden = Number(row.dataset.minutes) < low || Number(row.dataset.minutes) > high;
  }
  for (const shelf of document.querySelectorAll(".shelf")) shelf.hidden = !shelf.querySelector("li:not([hidden])");
  by("none").hidden = Boolean(document.querySelector(".shelf:not([hidden])"));
}

by("lengths").hidden = by("lengths").querySelectorAll("input").length < 2;
by("lengths").addEventListener("change", filter);
filter();
addEventListener("hashchange", () => route(false));
if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js").catch(() => {});
marks();
route(true);
