// Checks the part of the test vectors of Étalon that needs no service: keys, calendars,
// prevention, truth table. `etalon model vectors --out DIR`, then `node runner.mjs DIR`; exit
// code 1 when one fails. It is an implementation of its own: replace its functions by yours.
import { readFileSync } from "node:fs";
import { join } from "node:path";

// Keys of people, professionals and structures.
const nirKey = (text) =>
  Number(97n - (BigInt(text.replace("2A", "19").replace("2B", "18")) % 97n));
const isMatricule = (text, months) => {
  const month = Number(/^[1-478]\d{2}(\d{2})(?:\d{2}|2A|2B)\d{8}$/.exec(text)?.[1] ?? 0);
  const known = (month >= 1 && month <= 12) || (months === "lenient" && month >= 20);
  return known && Number(text.slice(13)) === nirKey(text.slice(0, 13));
};
const fitsOid = (text, oid) => {
  const firsts = { "1.2.250.1.213.1.4.8": "12", "1.2.250.1.213.1.4.9": "378" };
  return (firsts[oid] ?? text[0]).includes(text[0]);
};
const luhnKey = (digits) => {
  const doubled = [...digits].reverse().map((digit, rank) => Number(digit) * (2 - (rank % 2)));
  return (10 - (doubled.reduce((sum, n) => sum + (n > 9 ? n - 9 : n), 0) % 10)) % 10;
};
const hasLuhnKey = (digits) => luhnKey(digits.slice(0, -1)) === Number(digits.at(-1));
const isFiness = (text) =>
  /^\d[\dAB]\d{7}$/.test(text) && (/[AB]/.test(text) || hasLuhnKey(text));
const professional = ({ rpps, adeli }) => {
  if (/^\d{11}$/.test(rpps)) return `8${rpps}`;
  return !rpps && /^[\dA-Z]{9}$/.test(adeli) ? `0${adeli}` : null;
};
const STRUCTURES = {
  adeli: /^[\dA-Z]{9,}$/, finess: /^[\dA-Z]{9}$/, siren: /^\d{9}$/,
  siret: /^\d{14}$/, "rpps-rank": /^\d{11,14}$/,
};
const structure = ({ kind, number }) =>
  STRUCTURES[kind].test(number) ? Object.keys(STRUCTURES).indexOf(kind) + number : null;

// Calendars: periods end at the same wall-clock time in Paris; ages are reached on 1 March.
const split = (period) => {
  const found = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/.exec(period);
  const [years, months, weeks, days] = found.slice(1).map((n) => Number(n ?? 0));
  return { months: 12 * years + months, days: 7 * weeks + days };
};
const moved = (day, months) => { // Months end on their last day when they have no such day.
  const [year, month, of] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(of, last)));
};
const text = (date) => date.toISOString().slice(0, 10);
const shifted = (day, days) => text(new Date(Date.parse(day) + 86_400_000 * days));
const birthday = (born, years) => {
  const [year, month, day] = born.split("-").map(Number);
  return text(new Date(Date.UTC(year + years, month - 1, day)));
};
const monthsLater = (day, months) =>
  months >= 0 && months % 12 === 0 ? birthday(day, months / 12) : text(moved(day, months));
const later = (day, period) =>
  shifted(monthsLater(day, split(period).months), split(period).days);
const earlier = (day, period) =>
  shifted(monthsLater(day, -split(period).months), -split(period).days);
const clock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Paris", dateStyle: "short", timeStyle: "medium",
});
const paris = (ms) => clock.format(ms).replace(" ", "T");
const after = (from, period) => {
  const [day, time] = paris(Date.parse(from)).split("T");
  const { months, days } = split(period);
  const wall = `${shifted(text(moved(day, months)), days)}T${time}`;
  const ends = [1, 2].map((offset) => Date.parse(`${wall}Z`) - offset * 3_600_000);
  // One hour of offset in winter, two in summer; repeated or skipped times end later.
  const exact = ends.filter((ms) => paris(ms) === wall);
  return new Date(Math.max(...(exact.length ? exact : ends))).toISOString().replace(".000Z", "Z");
};

// Prevention: the windows of each row that have begun on a day and had not ended at `since`.
const windows = (row, { born, since, on, done }) => {
  const steps = row.steps.replace("*", "").split(" ").filter(Boolean);
  const last = later(born, row.age_until);
  let [anchor, months, start] = [born, split(row.age_from).months, later(born, row.age_from)];
  const [followed, delay] = row.after.split(" ");
  const days = Object.keys(done).filter((key) => followed && key.startsWith(`${followed}.`));
  const follows = days.length ? later(days.map((key) => done[key]).sort().at(-1), delay) : "";
  if (follows > start) [anchor, months, start] = [follows, 0, follows];
  const found = [];
  for (let rank = 0; start < last; rank += 1) {
    const step = steps[rank] ?? (row.steps.endsWith("*") ? steps.at(-1) : null);
    const length = step ? split(step).months : 0;
    const following = monthsLater(anchor, (months += length));
    const end = length && following < last ? following : last;
    const from = start < row.starting_from ? row.starting_from : start;
    const key = `${row.id}.${rank + 1}`;
    if (end > since && from < end && !(row.starting_until && from > row.starting_until)) {
      const invited = row.campaign_lead ? earlier(from, row.campaign_lead) : from;
      if (invited > on) break;
      const state = key in done ? "DONE" : on < end ? "TO_PLAN" : "NOT_SPECIFIED";
      const until = row.campaign_lead ? from : end;
      found.push({ key, from, until: end, invited_from: invited, invited_until: until, state });
    }
    if (step === null) break;
    if (key in done) { // What repeats begins again one interval after it was done.
      anchor = done[key] < start ? start : done[key];
      months = length;
    }
    start = monthsLater(anchor, months);
  }
  return found;
};
const prevention = (rows, given) => rows
  .filter((row) => ["", given.sex].includes(row.sex) && given.born >= row.born_from)
  .flatMap((row) => windows(row, given));

// The truth table: a document is seen when each of its codes is.
const sees = (rows, given, policy) => {
  const { viewer, admitted, type_allowed, reads_masked, hiding, status } = given;
  const now = {
    "": true, hidden: hiding === "hidden", announced: hiding === "announced",
    term_over: hiding === "term_over", admitted: admitted && type_allowed,
    not_admitted: !admitted, type_denied: !type_allowed, masked_permitted: reads_masked,
    masked_refused: !reads_masked, deleted: status === "deleted",
    superseded: status === "superseded",
  };
  const hold = rows.filter((row) => [viewer, "anyone"].includes(row.viewer)
    && ["", policy].includes(row.policy) && now[row.circumstance]);
  if (hold.some((row) => row.code === "ANY" && !row.visible)) return false;
  return ["BASE", ...given.codes.slice(1)].every((code) => {
    const said = hold.filter((row) => row.code === code);
    return said.length > 0 && said.every((row) => row.visible);
  });
};

const FUNCTIONS = {
  nir_key: (g) => nirKey(g.text), luhn_key: (g) => luhnKey(g.text),
  is_nir: (g, s) => /^[12]/.test(g.text) && isMatricule(g.text, s.nir_months),
  is_matricule: (g, s) => isMatricule(g.text, s.nir_months),
  fits_oid: (g) => fitsOid(g.text, g.oid), has_luhn_key: (g) => hasLuhnKey(g.text),
  is_finess: (g) => isFiness(g.text), professional_identifier: professional,
  structure_identifier: structure, after: (g) => after(g.from, g.period),
  birthday: (g) => birthday(g.born, g.age), prevention: (g, _, rows) => prevention(rows, g),
  sees: (g, s, rows) => sees(rows, g, s["policies.masking_policy"]),
};
const DEFAULTS = { nir_months: "lenient", "policies.masking_policy": "law" };
const sorted = (value) => JSON.stringify(value, (_, held) =>
  held?.constructor === Object ? Object.fromEntries(Object.entries(held).sort()) : held);
const passes = (rows) => ({ given, expected, alternatives }) =>
  [{ expected }, ...alternatives].every(({ setting, value, expected: wanted }) => {
    const settings = setting ? { ...DEFAULTS, [setting]: value } : DEFAULTS;
    return sorted(FUNCTIONS[given.function](given, settings, rows)) === sorted(wanted);
  });
let failed = 0;
for (const name of ["identifiers", "calendars", "prevention", "truth_table"]) {
  const { cases, rows } = JSON.parse(readFileSync(join(process.argv[2], `${name}.json`), "utf8"));
  const wrong = cases.filter((one) => !passes(rows)(one));
  wrong.forEach((one) => console.error(`${name}: ${JSON.stringify(one)}`));
  console.log(`${name}: ${cases.length - wrong.length} of ${cases.length} pass`);
  failed += wrong.length;
}
process.exitCode = failed ? 1 : 0;
