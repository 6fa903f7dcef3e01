// Checks the part of the test vectors of Étalon that needs no service: keys, calendars, truth
// table. `etalon model vectors --out DIR`, then `node runner.mjs DIR`; exit code 1 when one fails.
// It is an implementation of its own: replace its functions by yours.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const nirKey = (text) =>
  Number(97n - (BigInt(text.replace("2A", "19").replace("2B", "18")) % 97n));
const isNir = (text) => {
  const month = /^[12]\d{2}(\d{2})(?:\d{2}|2A|2B)\d{8}$/.exec(text)?.[1];
  const known = (month >= 1 && month <= 12) || month >= 20;
  return known && Number(text.slice(13)) === nirKey(text.slice(0, 13));
};
const luhnKey = (digits) => {
  const doubled = [...digits].reverse().map((digit, rank) => Number(digit) * (2 - (rank % 2)));
  return (10 - (doubled.reduce((sum, n) => sum + (n > 9 ? n - 9 : n), 0) % 10)) % 10;
};
const hasLuhnKey = (digits) => luhnKey(digits.slice(0, -1)) === Number(digits.at(-1));
const isFiness = (text) =>
  /^\d[\dAB]\d{7}$/.test(text) && (/[AB]/.test(text) || hasLuhnKey(text));

const clock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Paris", dateStyle: "short", timeStyle: "medium",
});
const paris = (ms) => clock.format(ms).replace(" ", "T") + "Z";
const HOUR = 3_600_000;
const iso = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");
const after = (from, period) => {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/.exec(period);
  const [years, months, weeks, days] = match.slice(1).map((n) => Number(n ?? 0));
  const wall = new Date(paris(Date.parse(from)));
  const day = wall.getUTCDate();
  wall.setUTCDate(1);
  wall.setUTCMonth(wall.getUTCMonth() + 12 * years + months);
  const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
  wall.setUTCDate(Math.min(day, last) + 7 * weeks + days);
  const ends = [1, 2].map((offset) => wall.getTime() - offset * HOUR);
  // One hour of offset in winter, two in summer; repeated or skipped times end later.
  const exact = ends.filter((ms) => paris(ms) === wall.toISOString().replace(".000Z", "Z"));
  return iso(Math.max(...(exact.length ? exact : ends)));
};
const birthday = (born, age) => {
  const [year, month, day] = born.split("-").map(Number);
  return new Date(Date.UTC(year + age, month - 1, day)).toISOString().slice(0, 10);
};

const sees = (rows, given) => {
  const now = {
    "": true, hidden: given.hidden, announced: false, term_over: !given.hidden,
    admitted: given.admitted && given.type_allowed, not_admitted: !given.admitted,
    type_denied: !given.type_allowed, masked_permitted: given.reads_masked,
    masked_refused: !given.reads_masked, deleted: false, superseded: false,
  };
  const hold = rows.filter((row) => [given.viewer, "anyone"].includes(row.viewer)
    && ["", given.policy].includes(row.policy) && now[row.circumstance]);
  if (hold.some((row) => row.code === "ANY" && !row.visible)) return false;
  return given.codes.every((code) => {
    const said = hold.filter((row) => row.code === code);
    return said.length > 0 && said.every((row) => row.visible);
  });
};

const functions = { nir_key: (g) => nirKey(g.text), is_nir: (g) => isNir(g.text),
  luhn_key: (g) => luhnKey(g.text), has_luhn_key: (g) => hasLuhnKey(g.text),
  is_finess: (g) => isFiness(g.text), after: (g) => after(g.from, g.period),
  birthday: (g) => birthday(g.born, g.age) };
let failed = 0;
for (const name of ["identifiers", "calendars", "truth_table"]) {
  const file = JSON.parse(readFileSync(join(process.argv[2], `${name}.json`), "utf8"));
  const wrong = file.cases.filter(({ given, expected }) =>
    (given.function ? functions[given.function](given) : sees(file.rows, given)) !== expected);
  wrong.forEach((one) => console.error(`${name}: ${JSON.stringify(one)}`));
  console.log(`${name}: ${file.cases.length - wrong.length} of ${file.cases.length} pass`);
  failed += wrong.length;
}
process.exitCode = failed ? 1 : 0;
