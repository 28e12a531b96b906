// made by narration. Sessions kept on this device, to be heard without a network. Nothing is kept unasked.

const CACHE = `narration kept ${new URL(".", location).pathname}`;
const there = "serviceWorker" in navigator && "caches" in window;
const row = document.getElementById("keep-row");
const button = document.getElementById("keep");
const size = document.getElementById("keep-size");
const status = document.getElementById("status");
let session = null;
let address = "";
let changed = () => {};

// Each name once: a cache refuses a list with a name twice, and a session's own cover is its artwork, too.
const files = () => {
  const parts = [session.src, session.captions, session.transcript, session.cover, session.artwork, session.tail?.sound];
  return [...new Set([address, ...parts.filter(Boolean)])];
};

export async function kept() {
  if (!there) return [];
  const cache = await caches.open(CACHE);
  const names = (await cache.keys()).map((request) => new URL(request.url).pathname);
  return names.map((name) => /\/player\/tracks\/([0-9a-f-]+)\.json$/.exec(name)?.[1]).filter(Boolean);
}

export async function load(next, from, whenChanged) {
  [session, address, changed] = [next, from, whenChanged];
  row.hidden = !there;
  if (there) show(Boolean(await (await caches.open(CACHE)).match(address)));
}

function show(here) {
  button.textContent = here ? "Remove" : "Keep offline";
  button.dataset.kept = here ? "yes" : "";
  const megabytes = Math.max(1, Math.round(session.bytes / 1e6));
  size.textContent = here ? `Kept here, ${megabytes} MB.` : `${megabytes} MB on this device.`;
}

async function keep() {
  const cache = await caches.open(CACHE);
  status.textContent = "Keeping this session…";
  button.disabled = true;
  try {
    await Promise.all(files().map((name) => cache.delete(name, { ignoreSearch: true }))); // an older rendering
    await cache.addAll(files());
    await navigator.storage?.persist?.();
    status.textContent = "Kept on this device.";
    show(true);
  } catch (error) {
    const full = error.name === "QuotaExceededError";
    status.textContent = full ? "There is no room on this device." : "It could not be fetched; try again with a network.";
  } finally {
    button.disabled = false;
  }
}

async function remove() {
  const cache = await caches.open(CACHE);
  const own = files().filter((name) => name !== session.tail?.sound && !name.startsWith("player/art/"));
  await Promise.all(own.map((name) => cache.delete(name)));
  if (!(await kept()).length) await caches.delete(CACHE); // the sounds that several sessions share go with the last
  status.textContent = "Removed from this device.";
  show(false);
}

button.addEventListener("click", async () => {
  await (button.dataset.kept ? remove() : keep());
  changed();
});
