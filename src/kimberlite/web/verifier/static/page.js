// The page: takes a code or a file, checks it on this device, and shows the answer.

import { Problem } from "./problem.js";
import { fileOf, isOurs, missing } from "./codes.js";
import { Knowledge } from "./knowledge.js";
import { Camera } from "./pictures.js";
import { judgeCredential, judgeLists, verifyList } from "./credential.js";
import { codesIn, readChosen } from "./reading.js";
import { isRoot } from "./roots.js";
import { el, knowledgeView, problemView, verdictView } from "./showing.js";
import { keep, kept } from "./store.js";
import { dayOf, verify } from "./verify.js";
import { Words } from "./words.js";

const at = (id) => document.getElementById(id);
const json = async (address) => (await fetch(address)).json();
const today = () => dayOf(Date.now() / 1000);

const page = {
  words: null, knowledge: null, schemas: null, texts: new Set(), lists: [], show: null,
};
const camera = new Camera(at("video"));

// --- languages ----------------------------------------------------------------------------------

async function speak(lang) {
  const [texts, english] = await Promise.all([json(`words-${lang}.json`), json("words-en.json")]);
  page.words = new Words(lang, texts, english);
  document.documentElement.lang = lang;
  document.documentElement.dir = page.words.direction;
  document.title = `${page.words.say("verifier.title")} – Kimberlite`;
  for (const each of document.querySelectorAll("[data-say]")) {
    each.textContent = page.words.say(each.dataset.say);
  }
  at("video").setAttribute("aria-label", page.words.say("verifier.look"));
  at("told").textContent = "";
  showKnowledge();
  await page.show?.();
}

async function offerLanguages(names) {
  const asked = new URLSearchParams(location.search).get("lang");
  const wished = navigator.languages.map((each) => each.split("-")[0].toLowerCase());
  const found = [asked, await kept("language"), ...wished].find((each) => each in names) ?? "en";
  for (const [code, name] of Object.entries(names)) {
    at("language").append(el("option", { value: code, lang: code }, name));
  }
  at("language").value = found;
  at("language").addEventListener("change", async (event) => {
    await keep("language", event.target.value);
    await speak(event.target.value);
  });
  return found;
}

// --- what this device knows ---------------------------------------------------------------------

function showKnowledge() {
  const { words, knowledge } = page;
  at("known").replaceChildren(...knowledgeView(words, knowledge, today()));
  const kind = knowledge.bundle?.kind ?? "prod";
  at("kind").hidden = kind === "prod";
  at("kind-name").textContent = words.say(`web.kind.${kind}`);
  at("kind-means").textContent = kind === "prod" ? "" : words.say(`web.kind.${kind}.means`);
}

async function learn(how) {
  try {
    await how();
    at("told").textContent = page.words.say("verifier.updated");
  } catch (bad) {
    at("told").textContent = page.words.say(...sayable(bad));
  }
  showKnowledge();
}

/** Take trust bundles and trust roots from files, whatever they are called. */
async function takeKnowledge(files) {
  for (const each of files) {
    const raw = new Uint8Array(await each.arrayBuffer());
    await (isRoot(raw) ? page.knowledge.takeRoot(raw) : page.knowledge.take(raw));
  }
}

const sayable = (bad) =>
  bad instanceof Problem ? [bad.code, bad.facts] : ["verifier.failed", { error: String(bad.name) }];

// --- checking -----------------------------------------------------------------------------------

async function show(view) {
  page.show = async () => {
    const again = el("p", {}, el("button", { "data-again": "" }, page.words.say("verifier.another")));
    at("answer").replaceChildren(...(await view(page.words)), again);
  };
  at("ask").hidden = true;
  await page.show();
  at("answer").focus();
  at("answer").scrollIntoView({ block: "start" });
}

/** Give for whom and for which day of arrival it is checked, as the user said. */
function when() {
  const receiver = at("receiver").value.trim().toUpperCase();
  if (receiver !== "" && !/^[A-Z]{2}$/.test(receiver)) throw new Problem("verify.receiver");
  const day = at("arrived").valueAsDate;
  const arrived = day === null ? {} : { arrived: dayOf(day.getTime() / 1000) };
  return { today: today(), receiver, ...arrived };
}

async function check(file, { credential = null, fromPdf = false } = {}) {
  if (page.knowledge.bundle === null) throw new Problem("verifier.none");
  const { bundle } = page.knowledge;
  const asked = when();
  const began = performance.now();
  let verdict = await verify(file, bundle, page.schemas, asked);
  if (credential !== null) verdict = await judgeCredential(credential, bundle, page.schemas, verdict);
  const lists = await Promise.all(page.lists.map((each) => verifyList(each, bundle, page.schemas)));
  verdict = judgeLists(verdict, lists, asked.today);
  document.documentElement.dataset.verifyMs = (performance.now() - began).toFixed(1);
  const unshown = verdict.reasons.some((each) => each.code === "registration.not-shown");
  await show(async (words) => {
    const found = await verdictView(words, verdict);
    const day = asked.arrived;
    const told = [
      ...(fromPdf ? [words.say("verifier.from-pdf")] : []),
      ...(day === undefined ? [] : [words.say("verifier.judged-for", { day })]),
    ];
    found.splice(1, 0, ...told.map((each) => el("div", { class: "notice" }, el("p", {}, each))));
    if (unshown && page.texts.size > 0) {
      found.splice(1, 0, el("div", { class: "notice" },
        el("p", {}, words.say("verifier.receipt-hint")),
        el("button", { "data-more": "" }, words.say("verifier.scan"))));
    }
    return found;
  });
}

/** Check what these codes hold; false while a part of it is still to be scanned. */
async function checkTexts(texts) {
  for (const text of texts) if (isOurs(text)) page.texts.add(text);
  const lacking = missing(page.texts);
  if (lacking !== null) {
    at("seen").textContent = page.words.say("verifier.part", lacking);
    return false;
  }
  await check(await fileOf(page.texts));
  return true;
}

async function trying(what) {
  try {
    await what();
  } catch (bad) {
    const [code, facts] = sayable(bad);
    page.texts.clear();
    await show(async (words) => problemView(words, { code, facts }));
  }
}

/** Keep a status list until the page is closed, once the log's signature on it is checked. */
async function takeList(list) {
  if (page.knowledge.bundle === null) throw new Problem("verifier.none");
  const { purpose } = await verifyList(list, page.knowledge.bundle, page.schemas);
  page.lists.push(list);
  at("seen-list").textContent = page.words.say("verifier.list", { purpose });
}

async function chosen(files) {
  const texts = [];
  const whole = [];
  for (const each of files) {
    const read = await readChosen(each);
    if (read.bundle !== undefined) {
      await learn(() => page.knowledge.take(read.bundle));
      at("knowledge").scrollIntoView();
    } else if (read.list !== undefined) await takeList(read.list);
    else if (read.file !== undefined) whole.push(read);
    else texts.push(...read.texts);
  }
  if (whole.length > 0) return check(whole[0].file, whole[0]);
  if (texts.length === 0) return;
  if (!texts.some(isOurs)) throw new Problem("verifier.no-code");
  if (!(await checkTexts(texts))) throw new Problem("verifier.part", missing(page.texts));
}

// --- the camera ---------------------------------------------------------------------------------

let looking = false;

async function scan() {
  at("camera").hidden = false;
  at("seen").textContent = page.words.say("verifier.look");
  const before = page.texts.size;
  await camera.start((texts) => {
    const news = texts.some((each) => isOurs(each) && !page.texts.has(each));
    if (looking || !news) return;
    looking = true;
    trying(async () => {
      for (const each of texts) if (isOurs(each)) page.texts.add(each);
      const only = [...page.texts].every((each) => each.startsWith("KPC2:"));
      if (only) at("seen").textContent = page.words.say("verifier.receipt-only");
      else if (page.texts.size > before && (await checkTexts([]))) stop();
    }).finally(() => {
      if (page.texts.size === 0) stop();
      looking = false;
    });
  });
  at("stop").focus();
}

function stop() {
  camera.stop();
  at("camera").hidden = true;
}

function again() {
  stop();
  page.texts.clear();
  page.show = null;
  at("answer").replaceChildren();
  at("ask").hidden = false;
  for (const id of ["choose", "text", "arrived"]) at(id).value = "";
  at("main").focus();
}

// --- beginning ----------------------------------------------------------------------------------

function listen() {
  at("scan").addEventListener("click", () => trying(scan));
  at("stop").addEventListener("click", stop);
  at("choose").addEventListener("change", (event) => trying(() => chosen(event.target.files)));
  at("check").addEventListener("click", () =>
    trying(async () => {
      const texts = codesIn(at("text").value);
      if (!texts.some(isOurs)) throw new Problem("verifier.no-code");
      if (!(await checkTexts(texts))) throw new Problem("verifier.part", missing(page.texts));
    }));
  at("update").addEventListener("click", () => learn(() => page.knowledge.fetch()));
  at("bundle").addEventListener("change", (event) =>
    learn(() => takeKnowledge(event.target.files)));
  at("known").addEventListener("click", (event) => {
    if ("compared" in event.target.dataset) page.knowledge.compared().then(showKnowledge);
  });
  at("answer").addEventListener("click", (event) => {
    if ("again" in event.target.dataset) again();
    if ("more" in event.target.dataset) trying(scan);
  });
}

async function keepOffline() {
  let key = "verifier.not-ready";
  try {
    const policy = globalThis.trustedTypes?.createPolicy("kimberlite-verifier", {
      createScriptURL: () => "sw.js",
    });
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("sw.js") : "sw.js");
    await navigator.serviceWorker.ready;
    key = "verifier.ready";
  } catch {
    // A browser without service workers still checks; it only has to be online to open the page.
  }
  at("offline").dataset.say = key;
  at("offline").textContent = page.words.say(key);
}

async function begin() {
  const [schemas, names] = await Promise.all([json("schemas.json"), json("languages.json")]);
  page.schemas = schemas;
  page.knowledge = new Knowledge(schemas);
  await page.knowledge.load();
  await speak(await offerLanguages(names));
  listen();
  for (const id of ["ask", "shopper", "knowledge"]) at(id).hidden = false;
  document.documentElement.dataset.ready = "true";
  await Promise.all([keepOffline(), learn(() => page.knowledge.fetch())]);
}

begin();
