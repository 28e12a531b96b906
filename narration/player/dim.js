// made by narration. The dark screen: black until it is touched. Only while it is shown the screen is kept on.

const dark = document.getElementById("dark");
const wake = document.getElementById("wake");
const HINT_MS = 5000;
let lock = null;
let hint = 0;
let whole = false;

async function hold() {
  try {
    lock = await navigator.wakeLock?.request("screen");
    if (!dark.open) await release();
  } catch {
    lock = null; // not allowed, for instance with a low battery: the screen goes off by itself
  }
}

async function release() {
  const held = lock;
  lock = null;
  await held?.release();
}

export async function darken() {
  dark.showModal();
  wake.classList.remove("quiet");
  hint = setTimeout(() => wake.classList.add("quiet"), HINT_MS);
  hold();
  if (!document.fullscreenElement && document.documentElement.requestFullscreen) {
    whole = await document.documentElement.requestFullscreen({ navigationUI: "hide" }).then(
      () => true,
      () => false,
    );
  }
}

dark.addEventListener("close", async () => {
  clearTimeout(hint);
  await release();
  if (whole && document.fullscreenElement) await document.exitFullscreen().catch(() => {});
  whole = false;
});
document.addEventListener("fullscreenchange", () => {
  if (whole && !document.fullscreenElement && dark.open) dark.close(); // Escape ends both at once
});
wake.addEventListener("click", () => dark.close());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && dark.open) hold(); // the system lets go when the page is hidden
});
document.getElementById("dim").addEventListener("click", darken);
