"use strict";

const FORMATS = {
  read: ["markdown", "text", "json", "html", "latex"],
  chart: ["markdown", "csv", "json", "vega-lite"],
  trace: ["tikz", "svg", "json"],
  detect: ["text", "json"],
};
const LOW = 0.7; // confidence below which a box is shown as doubtful
const at = (id) => document.getElementById(id);
let file = null;
let shown = { text: "", name: "result.txt" };

function fillFormats() {
  at("format").replaceChildren(...FORMATS[at("task").value].map((name) => new Option(name, name)));
}

function say(message, bad = false) {
  at("status").textContent = message;
  at("status").classList.toggle("bad", bad);
}

async function ask(format) {
  const form = new FormData();
  form.append("file", file);
  form.append("format", format);
  const headers = at("key").value ? { Authorization: `Bearer ${at("key").value}` } : {};
  const response = await fetch(`/v1/${at("task").value}`, { method: "POST", body: form, headers });
  if (!response.ok) {
    const told = await response.json().catch(() => ({ error: response.statusText }));
    throw new Error(told.error);
  }
  return response.text();
}

async function run() {
  if (file === null) return;
  clear();
  showPicture();
  say(`Working on ${file.name} …`);
  const began = performance.now();
  const format = at("format").value;
  try {
    const json = await ask("json");
    const text = format === "json" ? json : await ask(format);
    show(text, format);
    const boxes = boxesOf(JSON.parse(json));
    drawBoxes(boxes);
    say(`Done in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  } catch (error) {
    say(error.message, true);
  }
}

function clear() {
  for (const id of ["tools", "lines", "text", "picture"]) at(id).hidden = true;
  at("boxes").replaceChildren();
  at("lines").replaceChildren();
}

function showPicture() {
  if (!file.type.startsWith("image/")) return;
  at("image").src = URL.createObjectURL(file);
  at("picture").hidden = false;
}

function show(text, format) {
  const ending = { markdown: "md", latex: "tex", "vega-lite": "json", text: "txt" }[format] || format;
  shown = { text, name: `${file.name.replace(/\.[^.]*$/, "")}.${ending}` };
  at("text").textContent = text;
  at("text").hidden = false;
  at("tools").hidden = false;
}

function boxesOf(result) {
  const first = Array.isArray(result) ? result[0] : result;
  if (first && first.pages) {
    const page = first.pages[0];
    return { width: page.width, height: page.height, items: page.blocks.filter((b) => b.box).map((b) => ({ ...b, text: b.text })) };
  }
  if (first && first.regions) {
    return { width: first.width, height: first.height, items: first.regions.map((r) => ({ ...r, text: r.kind })) };
  }
  return { width: 0, height: 0, items: [] };
}

function drawBoxes({ width, height, items }) {
  if (!width || at("picture").hidden) return;
  const svg = at("boxes");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  items.forEach((item, i) => {
    const [left, top, right, bottom] = item.box;
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) {
      rect.setAttribute(name, value);
    }
    rect.classList.toggle("low", item.confidence !== null && item.confidence < LOW);
    const line = document.createElement("li");
    line.tabIndex = 0;
    line.textContent = item.text.slice(0, 120);
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = item.confidence === null ? item.kind : `${item.kind}, ${Math.round(100 * item.confidence)} %`;
    line.append(kind);
    const choose = (scroll) => {
      for (const other of document.querySelectorAll(".on")) other.classList.remove("on");
      rect.classList.add("on");
      line.classList.add("on");
      scroll.scrollIntoView({ block: "nearest", behavior: "smooth" });
    };
    rect.addEventListener("click", () => choose(line));
    line.addEventListener("click", () => choose(rect));
    line.addEventListener("keydown", (event) => event.key === "Enter" && choose(rect));
    svg.append(rect);
    at("lines").append(line);
  });
  at("lines").hidden = items.length === 0;
}

function take(chosen) {
  if (!chosen) return;
  file = chosen;
  run();
}

fillFormats();
at("task").addEventListener("change", () => { fillFormats(); run(); });
at("format").addEventListener("change", run);
at("file").addEventListener("change", (event) => take(event.target.files[0]));
at("drop").addEventListener("click", () => at("file").click());
at("drop").addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && at("file").click());
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") take(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => take([...event.clipboardData.files][0]));
at("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(shown.text);
  say("Copied.");
});
at("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([shown.text], { type: "text/plain" }));
  link.download = shown.name;
  link.click();
});
