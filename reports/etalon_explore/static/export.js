// A sweep read in place: at its points what was computed, between them what the nearest ones give.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const STEPS = 60;
const EXACT = 1e-9;
const FIRST_OF_1970 = 719163; // days counted from the first of the year 1
const DAY_MS = 86_400_000;
const WIDTH = 340;
const HEIGHT = 170;
const ROOM = { left: 46, right: 8, top: 22, bottom: 22 };
const places = data.axes.map((axis) => document.getElementById(`at-${axis.id}`));
const plain = (digits) => new Intl.NumberFormat(data.language, { maximumFractionDigits: digits });
const three = new Intl.NumberFormat(data.language, { maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat(data.language, { notation: "compact", maximumSignificantDigits: 2 });
const days = new Intl.DateTimeFormat(data.language, { dateStyle: "long", timeZone: "UTC" });
const share = new Intl.NumberFormat(data.language, { style: "percent", maximumSignificantDigits: 3 });
const euros = new Intl.NumberFormat(data.language, {
  style: "currency", currency: "EUR", maximumSignificantDigits: 3,
});

// Where an axis stands: the two points around it, and how far it is from the first one.
function around(axis, at) {
  if (!axis.slides) return { low: at, high: at, part: 0 };
  const above = axis.positions.findIndex((one) => one >= at - EXACT);
  if (above <= 0 || Math.abs(axis.positions[above] - at) < EXACT) {
    const here = Math.max(above, 0);
    return { low: here, high: here, part: 0 };
  }
  const low = axis.positions[above - 1];
  return { low: above - 1, high: above, part: (at - low) / (axis.positions[above] - low) };
}

// The points that surround a place, each with its weight; one alone where a point stands.
function surrounding(at) {
  let found = [{ rank: 0, weight: 1 }];
  data.axes.forEach((axis, number) => {
    const { low, high, part } = around(axis, at[number]);
    const ends = part ? [[low, 1 - part], [high, part]] : [[low, 1]];
    found = found.flatMap(({ rank, weight }) =>
      ends.map(([end, of]) => ({ rank: rank * axis.positions.length + end, weight: weight * of })));
  });
  return found;
}

function mixed(points, read) {
  const known = points.filter(({ rank }) => read(data.points[rank]) !== undefined);
  if (known.length < points.length) return undefined;
  return points.reduce((sum, { rank, weight }) => sum + weight * read(data.points[rank]), 0);
}

function written(value, unit) {
  if (value === undefined) return "–";
  if (unit === "share") return share.format(value);
  return unit === "EUR" ? euros.format(value) : three.format(value);
}

function row(cells) {
  const line = document.createElement("tr");
  cells.forEach((text, rank) => {
    const cell = document.createElement(rank ? "td" : "th");
    if (rank) cell.className = "figure";
    else cell.scope = "row";
    cell.textContent = text;
    line.append(cell);
  });
  return line;
}

function drawn(kind, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function curve(one, points) {
  const policy = one.values(points);
  const reference = data.reference.curves[one.key];
  const measured = data.measured.filter((found) => found.curve === one.key);
  const most = Math.max(1, ...policy, ...reference, ...measured.map((found) => found.value)) * 1.05;
  const x = (week) => ROOM.left + (week / Math.max(1, policy.length - 1)) * (WIDTH - ROOM.left - ROOM.right);
  const y = (value) => HEIGHT - ROOM.bottom - (value / most) * (HEIGHT - ROOM.top - ROOM.bottom);
  const last = policy.length - 1;
  const said = `${one.label} (${data.days[last]}): ${data.words.policy} ${three.format(policy[last])}, `
    + `${data.words.reference} ${three.format(reference[last])}`
    + measured.map((found) => `; ${data.words.measured} (${found.day}) ${three.format(found.value)}`).join("");
  const image = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said });
  image.append(drawn("text", { x: 2, y: 13, "font-size": 12, "font-weight": 600 }, one.label));
  for (const part of [0, 0.5, 1]) {
    const level = (most / 1.05) * part;
    image.append(drawn("line", { x1: ROOM.left, x2: WIDTH - ROOM.right, y1: y(level), y2: y(level), stroke: "#c9ced6" }));
    image.append(drawn("text", { x: ROOM.left - 4, y: y(level) + 4, "font-size": 10, "text-anchor": "end", fill: "#5a6370" }, short.format(level)));
  }
  for (const week of [0, Math.floor(last / 2), last]) {
    const anchor = week === last ? "end" : week ? "middle" : "start";
    image.append(drawn("text", { x: x(week), y: HEIGHT - 6, "font-size": 10, "text-anchor": anchor, fill: "#5a6370" }, data.days[week]));
  }
  const line = (values) => values.map((value, week) => `${x(week)},${y(value)}`).join(" ");
  image.append(drawn("polyline", { points: line(reference), fill: "none", stroke: data.colours.reference, "stroke-width": 3 }));
  image.append(drawn("polyline", { points: line(policy), fill: "none", stroke: data.colours.policy, "stroke-width": 1.5, "stroke-dasharray": "6 2" }));
  for (const found of measured) {
    const [at, level] = [x(found.week), y(found.value)];
    image.append(drawn("path", { d: `M${at} ${level - 5}l4 5-4 5-4-5z`, fill: "#1a1d21" }));
  }
  return image;
}

function legend() {
  const line = document.createElement("p");
  line.className = "note";
  const parts = [["━", data.colours.reference, data.words.reference], ["╍", data.colours.policy, data.words.policy]];
  if (data.measured.length) parts.push(["◆", "#1a1d21", data.words.measured]);
  for (const [mark, colour, text] of parts) {
    const sign = document.createElement("span");
    sign.style.color = colour;
    sign.textContent = `${mark} `;
    sign.setAttribute("aria-hidden", "true");
    line.append(sign, `${text}   `);
  }
  return line;
}

function saidOf(axis, at) {
  const rank = axis.positions.findIndex((one) => Math.abs(one - at) < EXACT);
  if (rank >= 0) return axis.words[rank];
  if (axis.kind === "date") return days.format(new Date((at - FIRST_OF_1970) * DAY_MS));
  return `${plain(2).format(at)} ${axis.unit}`.trim();
}

function show() {
  const at = places.map((place) => Number(place.value));
  const points = surrounding(at);
  data.axes.forEach((axis, number) => {
    if (!axis.slides) return;
    const said = saidOf(axis, at[number]);
    places[number].setAttribute("aria-valuetext", said);
    document.getElementById(`out-${axis.id}`).textContent = said;
  });
  const kind = points.length > 1 ? "interpolated" : "computed";
  document.getElementById("status").textContent = data.words[kind].replace("{count}", points.length);
  document.getElementById("status").dataset.kind = kind;
  document.getElementById("figures").replaceChildren(...data.measures.map((one) => row([
    one.label,
    written(mixed(points, (point) => point.figures[one.key]), one.unit),
    written(data.reference.figures[one.key], one.unit),
  ])));
  document.getElementById("absent").replaceChildren(...data.groups.map((one) => row([
    one.label,
    written(mixed(points, (point) => point.absent[one.key]), "share"),
    written(data.reference.absent[one.key], "share"),
  ])));
  const curves = data.curves.map((one) => ({
    ...one,
    values: (around) => data.days.map((_, week) => mixed(around, (point) => point.curves[one.key][week])),
  }));
  document.getElementById("curves").replaceChildren(...curves.map((one) => curve(one, points)), legend());
  const asked = new URLSearchParams(data.axes.map((axis, number) => [axis.id, at[number]]));
  history.replaceState(null, "", `#${asked}`);
}

function begin() {
  const asked = new URLSearchParams(location.hash.slice(1));
  data.axes.forEach((axis, number) => {
    const place = places[number];
    const [low, high] = [axis.positions[0], axis.positions[axis.positions.length - 1]];
    if (axis.slides) {
      place.min = low;
      place.max = high;
      place.step = Number.isInteger(low) && high - low >= 4 ? 1 : (high - low) / STEPS;
      place.value = low;
    }
    const wanted = Number(asked.get(axis.id) ?? low);
    if (Number.isFinite(wanted) && wanted >= low && wanted <= high) place.value = wanted;
    place.addEventListener("input", show);
  });
  document.getElementById("levers").addEventListener("submit", (event) => event.preventDefault());
  show();
}

begin();
