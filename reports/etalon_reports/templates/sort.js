// A heading that is pressed sorts the rows below it: upwards, downwards, then as they were drawn.
// Groups of rows stay where they are; what is not known comes last.
(() => {
  const language = document.documentElement.lang;
  const words = new Intl.Collator(language, { numeric: true });
  const decimal = language === "fr" ? "," : ".";
  const scales = { k: 1e3, m: 1e6, ms: 1e-3, min: 60, h: 3600 };
  const named = new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" });
  const months = Array.from({ length: 12 }, (_, month) => named.format(Date.UTC(2022, month)));

  function day(said) {
    const found = said.match(/^(\d{1,2})(?:er)?\s(\p{L}+)\s(\d{4})/u);
    const month = found ? months.indexOf(found[2]) : -1;
    return month < 0 ? NaN : Date.UTC(Number(found[3]), month, Number(found[1]));
  }

  function amount(said) {
    const found = said.match(/([+\u2212-]?)[€×\s]*(\d[\d.,\u202f\u00a0]*)\s?(\p{L}*)/u);
    if (!found) return NaN;
    const kept = found[2].replace(decimal === "," ? /[^\d,]/g : /[^\d.]/g, "");
    const size = Number(kept.replace(/[.,]$/, "").replace(",", "."));
    const scaled = size * (scales[found[3].toLowerCase()] ?? 1);
    const more = /^(min|h)$/.test(found[3]) ? said.slice(found.index + found[0].length).match(/^\s(\d+)/) : null;
    const whole = scaled + (more ? Number(more[1]) * (found[3] === "h" ? 60 : 1) : 0);
    return /[\u2212-]/.test(found[1]) ? -whole : whole;
  }

  function value(cell) {
    const said = cell.textContent.trim();
    const known = day(said);
    if (!Number.isNaN(known)) return known;
    return cell.classList.contains("figure") ? amount(said) : said;
  }

  function compared(one, other) {
    if (typeof one === "string" && typeof other === "string") return words.compare(one, other);
    return Number(one) - Number(other);
  }

  function sort(table, column, turn) {
    for (const body of table.tBodies) {
      const rows = body.drawn.map((row) => ({ row, value: value(row.cells[column]) }));
      const known = rows.filter((one) => !Number.isNaN(one.value) && one.value !== "");
      const unknown = rows.filter((one) => !known.includes(one));
      const sorted = known.sort((one, other) => turn * compared(one.value, other.value));
      body.append(...(turn ? [...sorted, ...unknown] : rows).map((one) => one.row));
    }
  }

  function press(table, heading) {
    const turns = { ascending: "descending", descending: null };
    const was = heading.getAttribute("aria-sort");
    const now = was === null ? "ascending" : turns[was];
    for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
    if (now !== null) heading.setAttribute("aria-sort", now);
    sort(table, heading.cellIndex, { ascending: 1, descending: -1 }[now] ?? 0);
  }

  for (const table of document.querySelectorAll("table")) {
    for (const body of table.tBodies) {
      body.drawn = Array.from(body.rows).filter((row) => !row.classList.contains("group"));
    }
    const sortable = Array.from(table.tBodies).some((body) => body.drawn.length > 1);
    if (!table.tHead || !sortable) continue;
    for (const heading of table.tHead.rows[0].cells) {
      if (!heading.textContent.trim()) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => press(table, heading));
    }
  }
})();
