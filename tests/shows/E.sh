#!/usr/bin/env bash
# What issue E promised to show, as commands in a fresh directory: make shows X=E.
# SHOWS="1 3" runs these steps only; IMPOSTORS="name name" tries these ones in step 2.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$fresh"' EXIT

# awaited ADDRESS: something answers there.
awaited() { curl -s -o /dev/null --retry 120 --retry-delay 1 --retry-connrefused "$1"; }

# serves PORT OPTION…: a sandbox there, until `stopped`.
serves() {
  local port=$1
  shift
  etalon serve --sandbox --port "$port" "$@" >served.log 2>&1 &
  servers+=($!)
  awaited "http://127.0.0.1:$port/fhir/metadata"
}

# stopped: the server started last is no more.
stopped() {
  kill "${servers[-1]}"
  wait "${servers[-1]}" || true
  unset 'servers[-1]'
}

# run_on TARGET OUT OPTION…: the suite, seed 1.
run_on() {
  local target=$1 out=$2
  shift 2
  etalon conformance run --target "$target" --suite records-server --seed 1 --out "$out" "$@"
}

# drawn PAGE WORD…: a report holds each word.
drawn() {
  local page=$1 word
  shift
  present "$page"
  for word in "$@"; do
    grep -qF -- "$word" "$page" || wrong "$page does not say: $word"
  done
}

if chosen 1; then
  step "1. the reference conforms: embedded, at an address, and with a proxy in the environment"
  ends 0 run_on embedded R
  drawn R/report.fr.html "Auto-évaluation par rapport au modèle Étalon" "ne vaut ni homologation CNDA"
  drawn R/report.html "Self-assessment against the Étalon model"
  holds R/verdicts.json 'd["conforms"] and d["status"] == "complete"'
  python -c 'import json; print(json.load(open("R/verdicts.json", encoding="utf-8"))["run"]["seconds"], "s")'
  holds R/verdicts.json '{r["verdict"] for r in d["results"]} <= {"pass", "manual", "not-applicable", "could-not-test"}'
  serves 8080
  ends 0 run_on http://127.0.0.1:8080/fhir A
  HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 ends 0 run_on http://127.0.0.1:8080/fhir P
  cmp R/plan.json A/plan.json || wrong "the plans differ"
  cmp A/plan.json P/plan.json || wrong "the plans differ"
  stopped
fi

if chosen 2; then
  step "2. an impostor is named, its script shows the defect on it and not on the reference"
  table="$repository/conformance/etalon_conformance/data/impostors.csv"
  serves 8081 --clock manual
  for name in ${IMPOSTORS:-publish-without-location masked-found reopened-empty expired-token-accepted}; do
    requirement=$(python -c '
import csv, sys
print(next(row["requirement"] for row in csv.DictReader(open(sys.argv[1], encoding="utf-8"))
           if row["name"] == sys.argv[2]))' "$table" "$name")
    serves 8082 --impostor "$name"
    rm -rf I
    ends 1 run_on http://127.0.0.1:8082/fhir I --findings-fail --requirement "$requirement"
    said "$requirement"
    holds I/verdicts.json "any(r['requirement'] == '$requirement' and r['verdict'] in ('fail', 'finding') for r in d['results'])"
    for folder in I/counterexamples/"$requirement"-*; do
      ends 1 sh "$folder/replay.sh" http://127.0.0.1:8082/fhir
      ends 0 sh "$folder/replay.sh" http://127.0.0.1:8081/fhir
    done
    stopped
  done
  stopped
fi

if chosen 3; then
  step "3. a server that nobody here wrote: the run ends, what it says is true, nothing breaks"
  (cd "$repository" && exec python scripts/foreign_server.py --port 8090) >foreign.log 2>&1 &
  servers+=($!)
  awaited http://127.0.0.1:8090/fhir/metadata
  export FOREIGN_TOKEN=none-is-asked-for
  ends 1 run_on "$repository/tests/conformance/foreign/profile.toml" F
  present F/report.html
  if [ -e F/harness-errors.txt ]; then wrong "a harness error"; fi
  holds F/verdicts.json 'all(r["verdict"] != "harness-error" for r in d["results"])'
  python - F/verdicts.json "$repository/docs/guides/foreign-server.md" <<'PYTHON' || wrong "a finding that the guide does not confirm"
import json, sys
verdicts = json.load(open(sys.argv[1], encoding="utf-8"))
guide = open(sys.argv[2], encoding="utf-8").read()
broken = {r["requirement"] for r in verdicts["results"] if r["verdict"] in ("fail", "finding")}
print("found, each confirmed by hand:", *sorted(broken))
sys.exit(not broken or any(f"| {one} |" not in guide for one in broken))
PYTHON
  stopped
fi

if chosen 4; then
  step "4. the guides of vendors, block by block, and the pipelines"
  ends 0 python -m pytest --rootdir "$repository" -c "$repository/pyproject.toml" -p no:cacheprovider -q \
    "$repository/tests/conformance/test_conformance_guide.py" \
    "$repository/tests/conformance/test_foreign_server.py"
  grep -E '[0-9]+ passed' "$output"
  if grep -qE '[0-9]+ (skipped|failed|error)' "$output"; then wrong "not every test ran"; fi
  step "   the checks are worth what they catch"
  ends 0 etalon conformance power --lang en
  cat "$output"
fi

printf '\nall true\n'
