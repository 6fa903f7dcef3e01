"use strict";
// Draws anew what changed, and only that: the place of the keyboard and what is unfolded stay.
const EVERY_MILLISECONDS = 1000;
const shown = new Map();

function replace(name, drawn) {
  const part = document.getElementById(name);
  const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
  const active = document.activeElement;
  const row = part.contains(active) ? active.closest("[id]") : null;
  part.innerHTML = drawn;
  for (const id of open) {
    const again = document.getElementById(id);
    if (again) again.open = true;
  }
  const place = row && document.getElementById(row.id);
  if (place) (place.querySelector("summary, a, button") || place).focus();
}

async function refresh() {
  const lost = document.getElementById("lost");
  try {
    const answer = await fetch(`/witness/parts?lang=${document.body.dataset.lang}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const parts = await answer.json();
    for (const [name, drawn] of Object.entries(parts)) {
      if (shown.get(name) !== drawn) {
        if (shown.has(name)) replace(name, drawn);
        else document.getElementById(name).innerHTML = drawn;
        shown.set(name, drawn);
      }
    }
    lost.textContent = "";
    if (!document.querySelector(".state.running")) {
      document.querySelector(".words")?.remove();
      return;
    }
  } catch {
    lost.textContent = document.body.dataset.lost;
  }
  setTimeout(refresh, EVERY_MILLISECONDS);
}

document.querySelector(".words")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const word = event.submitter ? event.submitter.value : "done";
  await fetch("/witness/tell", { method: "POST", body: new URLSearchParams({ word }), redirect: "manual" });
});

refresh();
