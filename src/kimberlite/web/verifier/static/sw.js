// Keeps the page for use without a network. FILES and VERSION are put in front when it is served.
/* global FILES, VERSION */

const PREFIX = "kimberlite-verifier-";
const CACHE = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((each) => new Request(each, { cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((each) => each.startsWith(PREFIX) && each !== CACHE);
    await Promise.all(old.map((each) => caches.delete(each)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    const ignoreSearch = address.pathname.startsWith("/verifier/");
    // Only this version's own files: the trust bundle is fetched anew and kept by the page.
    return (await cache.match(request, { ignoreSearch })) ?? fetch(request);
  })());
});
