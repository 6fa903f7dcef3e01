#!/usr/bin/env bash
# What issue A promised to show, as commands in a fresh directory: make shows X=A.
# SHOWS="3 4" runs these steps only; without it all run (steps 1 and 2 clone the repository).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4 5 6} " == *" $1 "* ]]; }

clean_checkout() {
  [ -d checkout ] || git clone --quiet "$repository" checkout
  python=$(python -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
}

if chosen 1; then
  step "1. make demo on a clean checkout with only Python 3.11"
  clean_checkout
  ends 0 make -C checkout setup PYTHON="$python"
  started=$SECONDS
  ends 0 make -C checkout demo PYTHON="$python"
  took=$((SECONDS - started))
  cat "$output"
  [ "$took" -lt 60 ] || wrong "the demo took $took s, set-up apart"
  report=$(grep -oE '[^ ]*report\.html' "$output" | tail -n 1)
  (cd checkout && present "$report")
  while IFS= read -r line; do
    said "${line%%…*}"
  done < <(sed -n '/^\$ make demo$/,/^```$/p' checkout/README.md | sed '1d;$d')
fi

if chosen 2; then
  step "2. make test and make check on a clean checkout"
  clean_checkout
  ends 0 make -C checkout check PYTHON="$python"
  ends 0 make -C checkout test PYTHON="$python"
  tail -n 1 "$output"
fi

if chosen 3; then
  step "3. the same seed twice, and reproduce"
  ends 0 etalon simulate pilot-2021 --population 50000 --seed 7 --out A --json
  ends 0 etalon simulate pilot-2021 --population 50000 --seed 7 --out B --json
  present A/run.json A/summary.json A/daily.parquet A/report.html
  cmp A/daily.parquet B/daily.parquet || wrong "daily.parquet differs"
  python - <<'PYTHON' || wrong "summary.json differs apart from what the key run holds"
import json, sys
a, b = (json.load(open(f"{run}/summary.json", encoding="utf-8")) for run in "AB")
a.pop("run"), b.pop("run")
sys.exit(a != b)
PYTHON
  holds A/summary.json 'd["ledger_digest"] and d["engine"] == "agents" and d["population"] == 50000'
  holds A/summary.json '{"notified", "notified_by_channel", "opposed", "opt_out_rate",
    "opt_out_rate_interval", "activated", "activation_rate", "auto_created", "closed", "undelivered",
    "codes_regenerated", "cost_eur", "by_department", "by_age_band", "by_sex", "opened_uninformed",
    "law_digest"} <= d.keys()'
  holds A/summary.json '{"calls", "answered", "abandoned", "wait_p95_seconds"} <= d["hotline"].keys()'
  holds A/summary.json '{"wall_seconds", "peak_memory_bytes", "workers"} <= d["run"].keys()'
  holds A/summary.json '0.0060 <= d["opt_out_rate"] <= 0.0080'
  holds A/run.json 'd["status"] == "complete" and d["seed"] == 7 and d["vintage"] == "pilot-2021"'
  ends 0 etalon reproduce A
  cat "$output"
fi

if chosen 4; then
  step "4. a changed scenario says what was changed; the launch opens its 11.2 million"
  ends 0 etalon simulate launch-2022 --population 20000 \
    --set 'enrolment.opposition_window="P30D"' --knowledge 4 --out changed --lang en
  ends 0 etalon simulate launch-2022 --population 20000 --knowledge 4 --out plain --lang en
  holds changed/run.json 'any("opposition_window" in str(change) for change in d["changes"])'
  grep -qF 'enrolment.opposition_window' changed/report.html || wrong "the report is silent on the change"
  grep -qF 'P30D' changed/report.html || wrong "the report does not give the changed value"
  if grep -qF 'P30D' plain/report.html; then wrong "the unchanged run's report names the change"; fi
  cmp -s changed/daily.parquet plain/daily.parquet && wrong "the change changed nothing"
  python - <<'PYTHON' || wrong "spaces open on 31 May 2022, scaled, are not 11.2 million ± 10 %"
import json, sys, duckdb
summary = json.load(open("plain/summary.json", encoding="utf-8"))
row = duckdb.sql(
    "select sum(opened_automatically) + sum(activated_before_opening) from 'plain/daily.parquet' "
    "where day <= '2022-05-31'"
).fetchall()[0]
opened = row[0] * summary["full_population"] / summary["population"]
print(f"spaces open on 31 May 2022, scaled: {opened / 1e6:.2f} million")
sys.exit(not 0.9 * 11.2e6 <= opened <= 1.1 * 11.2e6)
PYTHON
fi

if chosen 5; then
  step "5. shipped scenarios are valid, ten broken ones are not, a population of one's own runs"
  for name in pilot-2021 pilot-announced launch-2022 dmp-opt-in; do
    ends 0 etalon scenarios validate "$name"
  done
  python "$repository/tests/shows/broken_scenarios.py" broken
  [ "$(find broken -name '*.toml' | wc -l)" = 10 ] || wrong "ten broken scenarios were to be made"
  for file in broken/*.toml; do
    ends 2 etalon scenarios validate "$file"
    said "${file##*/}"
    if grep -qF Traceback "$output"; then wrong "a traceback is no message"; fi
    cat "$output"
  done
  ends 2 etalon simulate pilot-2022
  said pilot-2022 pilot-2021
  mkdir taken && echo kept >taken/notes.txt
  ends 2 etalon simulate pilot-2021 --population 300 --knowledge 0 --out taken
  [ "$(ls taken)" = notes.txt ] || wrong "something was written into a directory that was not empty"
  python "$repository/tests/shows/own_population.py" own.csv
  ends 0 etalon simulate pilot-2021 --population 2000 --knowledge 0 --out own \
    --set 'population.table="own.csv"' --set 'population.departments=["23","48"]'
  holds own/summary.json '{row["department"] for row in d["by_department"]} == {"23", "48"}'
  holds own/run.json 'any(i["path"].endswith("own.csv") and len(i["sha256"]) == 64 for i in d["inputs"])'
  grep -qF own.csv own/report.html || wrong "the report does not name the user's own table"
fi

if chosen 6; then
  step "6. the table of rules: each with its function and its test, or a reason"
  ends 0 python "$repository/scripts/rule_table.py" --check
  present "$repository/docs/reference/rules.md"
  for rule in LIF-04 REP-01 ID-01; do
    grep -qF "$rule" "$repository/docs/reference/rules.md" || wrong "$rule is missing in the table"
  done
fi

printf '\nall true\n'
