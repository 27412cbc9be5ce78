// Runs the interactive figures of a page that has no kernel. Each gets a `model` like
// the one that anywidget gives it in JupyterLab, made from JSON in the page. Whatever
// figures share is in the page once, in an element with the digest of its content. A
// site has the modules as files, too, beside this script; see `_sphinx/interactive.py`.

const NEAR = "800px"; // a figure starts when it is this close to the window
// Where this script comes from, when it is a file of a site; from a disk, browsers import
// no modules.
const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
const site = script?.src.startsWith("http") ? script.src : null;
const folder = script?.src || document.baseURI; // what figures ask for lies here

/** Finds the content of a shared part by its digest. */
function readPart(digest) {
  const element = document.querySelector(`[data-lenet-part="${digest}"]`);
  if (!element) throw new Error(`the page lacks a part of it (${digest})`);
  return element.textContent;
}

const urls = new Map(); // digest of a module -> URL

/** Makes a URL of a module, whose imports name others as "lenet:DIGEST". */
function makeUrl(digest) {
  if (!urls.has(digest)) {
    const source = readPart(digest).replace(
      /"lenet:(\w+)"/g,
      (_, other) => `"${makeUrl(other)}"`,
    );
    const blob = new Blob([source], { type: "text/javascript" });
    urls.set(digest, URL.createObjectURL(blob));
  }
  return urls.get(digest);
}

/** Imports a module: the site's file, which the strictest site allows, or the page's text. */
async function load(digest) {
  if (!site) return import(makeUrl(digest));
  try {
    return await import(new URL(`${digest}.js`, site).href);
  } catch {
    return import(makeUrl(digest));
  }
}

const views = new Map(); // digest of bytes -> promise of a DataView

const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** Decodes bytes that Python has packed by zlib. */
async function unpack(digest) {
  const packed = decode(readPart(digest));
  const stream = new Blob([packed]).stream();
  const whole = stream.pipeThrough(new DecompressionStream("deflate"));
  return new DataView(await new Response(whole).arrayBuffer());
}

/** Parses a state, and puts a DataView where Python had bytes. */
async function readState(json) {
  const found = new Map();
  for (const [, digest] of json.matchAll(/"lenet-bytes": "(\w+)"/g)) {
    if (!views.has(digest)) views.set(digest, unpack(digest));
    found.set(digest, await views.get(digest));
  }
  return JSON.parse(json, (_key, value) => found.get(value?.["lenet-bytes"]) ?? value);
}

const files = new Map(); // name -> promise of a DataView

/** Fetches a file: a script, because a page on a disk can read nothing else. */
function fetchFile(name) {
  if (!files.has(name)) {
    const promise = new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL(`${name}.js`, folder).href;
      element.onload = () => {
        const text = globalThis.lenetFiles?.[name];
        if (text) resolve(new DataView(decode(text).buffer));
        else reject(new Error(`${name}.js holds something else`));
      };
      element.onerror = () => {
        files.delete(name); // so that it can be tried again
        reject(new Error(`there is no ${name}.js beside this page`));
      };
      document.head.append(element);
    });
    files.set(name, promise);
  }
  return files.get(name);
}

/** The part of anywidget's model that figures use. */
class PageModel {
  constructor(state) {
    this.state = state;
    this.listeners = new Map(); // event -> Set of callbacks
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    for (const event of [`change:${name}`, "change"]) this.emit(event, this, value);
  }

  emit(event, ...details) {
    for (const callback of [...(this.listeners.get(event) ?? [])]) callback(...details);
  }

  /** Answers as Python does in JupyterLab, from a file. */
  send({ ask }) {
    fetchFile(ask).then(
      (view) => this.emit("msg:custom", { answer: ask }, [view]),
      ({ message }) => this.emit("msg:custom", { answer: ask, fault: message }, []),
    );
  }

  on(event, callback) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event).add(callback);
  }

  off(event, callback) {
    if (callback) this.listeners.get(event)?.delete(callback);
    else this.listeners.delete(event);
  }

  save_changes() {} // nobody to tell
}

/**
 * Replaces a figure's still picture by the figure; on a fault, says so below it.
 * @param {HTMLElement} figure
 */
async function start(figure) {
  const live = document.createElement("div");
  live.className = "lenet-live";
  figure.append(live);
  try {
    const json = figure.querySelector('script[type="application/json"]')?.textContent;
    const module = await load(figure.dataset.lenetModule);
    const link = figure.dataset.lenetLink && (await load(figure.dataset.lenetLink));
    const render = async (isLinked) => {
      const model = new PageModel(await readState(json ?? ""));
      if (isLinked) link?.open(figure, model);
      live.replaceChildren();
      await module.default.render({ model, el: live });
      return model;
    };
    // What a link says may make no sense to the figure.
    const model = await render(true).catch(() => render(false));
    figure.classList.add("lenet-started");
    link?.offer(figure, model);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    live.className = "lenet-fault";
    live.textContent = `This figure does not start here: ${reason}.`;
  }
}

/**
 * Starts figures when they come close to the window; at once, where a browser cannot tell.
 * @param {HTMLElement[]} figures
 */
function startWhenNear(figures) {
  if (!("IntersectionObserver" in window)) {
    figures.forEach(start);
    return;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        start(/** @type {HTMLElement} */ (target));
      }
    },
    { rootMargin: NEAR },
  );
  for (const figure of figures) observer.observe(figure);
}

/** Goes to the figure that the page's address is a link to; see `parts/link.mjs`. */
function goToLinked(figures) {
  const name = new URLSearchParams(location.hash.slice(1)).get("figure");
  const linked = figures.find(({ dataset }) => name && dataset.lenetName === name);
  linked?.scrollIntoView({ block: "start" });
}

function startAll() {
  /** @type {NodeListOf<HTMLElement>} */
  const all = document.querySelectorAll(".lenet-figure");
  // Another copy of this script may have seen some.
  const figures = [...all].filter((figure) => !figure.dataset.lenetSeen);
  for (const figure of figures) figure.dataset.lenetSeen = "true";
  goToLinked(figures);
  startWhenNear(figures);
}

if (document.readyState === "complete") startAll();
else window.addEventListener("load", startAll);
