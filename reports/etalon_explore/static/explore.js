// The form of the levers is the address of the view, both ways; the server is told the address.
"use strict";
const form = document.getElementById("levers");
const PAUSE_MS = 350;
let intervals = document.getElementById("intervals").getAttribute("aria-pressed") === "true";
let waiting = 0;

function address({ asReference = false } = {}) {
  const asked = new URLSearchParams();
  const policy = form.elements.policy.value;
  asked.set("lang", form.elements.lang.value);
  asked.set("reference", asReference ? policy : form.elements.reference.value);
  const moved = [...form.querySelectorAll(".lever")].filter((one) => one.value !== one.dataset.base);
  if (asReference) {
    for (const one of moved) asked.set(`reference.${one.name}`, one.value);
  } else {
    for (const one of form.querySelectorAll(".reference-moved")) asked.set(one.name, one.value);
  }
  asked.set("policy", policy);
  for (const one of moved) asked.set(one.name, one.value);
  if (intervals) asked.set("intervals", "yes");
  return `?${asked}`;
}

function show() {
  const asked = address();
  history.replaceState(null, "", asked);
  const other = document.getElementById("other");
  const elsewhere = new URLSearchParams(asked);
  elsewhere.set("lang", other.lang);
  other.href = `?${elsewhere}`;
  Shiny.setInputValue("address", asked, { priority: "event" });
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE_MS);
}

function start(base) {
  const asked = new URLSearchParams(address());
  if (base.name === "reference") {
    for (const one of form.querySelectorAll(".reference-moved")) asked.delete(one.name);
  } else {
    for (const one of form.querySelectorAll(".lever")) asked.delete(one.name);
  }
  location.search = `?${asked}`;
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  if (event.target.classList.contains("lever")) soon();
});
form.addEventListener("change", (event) => {
  if (event.target.classList.contains("base")) start(event.target);
});
document.getElementById("reset").addEventListener("click", () => {
  for (const one of form.querySelectorAll(".lever")) one.value = one.dataset.base;
  show();
});
document.getElementById("take-reference").addEventListener("click", () => {
  location.search = address({ asReference: true });
});
document.getElementById("intervals").addEventListener("click", (event) => {
  intervals = !intervals;
  event.target.setAttribute("aria-pressed", String(intervals));
  show();
});

function tell(told) {
  document.getElementById("status").textContent = told.status;
  const said = document.getElementById("said");
  said.replaceChildren(...told.said.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
  for (const one of form.querySelectorAll(".lever")) {
    const id = one.id.replace("at-", "said-");
    const refused = told.refused[one.name] ?? "";
    document.getElementById(id).textContent = refused;
    one.toggleAttribute("aria-invalid", false);
    if (refused) {
      one.setAttribute("aria-invalid", "true");
      one.closest("details").open = true;
    }
  }
  document.getElementById("answer").classList.toggle("earlier", told.earlier);
  for (const one of document.querySelectorAll(".downloads a")) {
    const there = told.documents.includes(one.id.replace("download_", ""));
    one.hidden = !there;
    one.setAttribute("aria-disabled", String(!there));
    one.tabIndex = there ? 0 : -1;
  }
}

function progress(told) {
  const bar = document.getElementById("progress");
  bar.hidden = !told.stage;
  bar.max = told.total || 1;
  if (told.total) bar.value = told.done;
  else bar.removeAttribute("value");
  document.getElementById("stage").textContent = told.stage;
}

$(document).one("shiny:connected", () => {
  Shiny.addCustomMessageHandler("told", tell);
  Shiny.addCustomMessageHandler("progress", progress);
  Shiny.setInputValue("address", location.search || address());
});
