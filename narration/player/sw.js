// $mark
// The service worker: the page without a network, and the sessions that the listener keeps, whole or by ranges.

const VERSION = "$version";
const SHELL = $shell;
const SCOPE = new URL("./", self.location).href;
const PATH = new URL(SCOPE).pathname; // several libraries may share an origin
const PAGES = "narration page " + PATH + " ";
const KEPT = "narration kept " + PATH;
const PATIENCE_MS = 3000; // a network slower than this counts as none, for a minute
const shell = new Set(["./", ...SHELL].map((name) => new URL(name, SCOPE).href));
let slowUntil = 0;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(PAGES + VERSION);
    await cache.addAll([...shell].map((url) => new Request(url, { cache: "no-cache" })));
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + VERSION);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(SCOPE)) event.respondWith(answer(event.request));
});

// What is kept comes from here at once; the page from the network while there is one, so that a new list is seen.
async function answer(request) {
  const kept = await caches.open(KEPT);
  const whole = await kept.match(request.url);
  if (whole) return part(request, whole);
  const page = await caches.open(PAGES + VERSION);
  try {
    return shell.has(request.url) ? await fresh(request, page) : await fetch(request);
  } catch {
    const address = request.mode === "navigate" ? SCOPE : request.url;
    const found = (await page.match(address)) || (await kept.match(address, { ignoreSearch: true }));
    return found ? part(request, found) : Response.error();
  }
}

async function fresh(request, page) {
  if (Date.now() < slowUntil) throw new Error("the network is slow");
  const stop = new AbortController();
  const timer = setTimeout(() => {
    slowUntil = Date.now() + 60000;
    stop.abort();
  }, PATIENCE_MS);
  try {
    const response = await fetch(request.url, { cache: "no-cache", signal: stop.signal });
    if (!response.ok) throw new Error("not there");
    await page.put(request.url, response.clone());
    return response;
  } finally {
    clearTimeout(timer);
  }
}

// A range of a whole response, as media elements ask for (RFC 9110, 14.2): one range, from the start or from the end.
async function part(request, response) {
  const asked = /^bytes=(\d*)-(\d*)$$/.exec(request.headers.get("range") || "");
  if (!asked || asked[1] + asked[2] === "") return response;
  const body = await response.blob();
  const size = body.size;
  const start = asked[1] ? Number(asked[1]) : Math.max(0, size - Number(asked[2]));
  const end = asked[1] && asked[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
  if (start > end) return new Response(null, { status: 416, headers: { "Content-Range": "bytes */" + size } });
  return new Response(body.slice(start, end + 1), {
    status: 206,
    headers: {
      "Content-Type": response.headers.get("Content-Type") || "application/octet-stream",
      "Content-Length": String(end - start + 1),
      "Content-Range": "bytes " + start + "-" + end + "/" + size,
      "Accept-Ranges": "bytes",
    },
  });
}
