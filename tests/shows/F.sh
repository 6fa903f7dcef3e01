#!/usr/bin/env bash
# What issue F promised to show, as commands in a fresh directory: make shows X=F.
# SHOWS="1 3" runs these steps only; PEAK=20 asks for less of a machine that does something else, and
# KNOWLEDGE=0 leaves out the draws of step 2.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

# decided COMMAND…: the command ends with a verdict, whichever: 0, 1 or 3.
decided() {
  local code=0
  printf '$ %s\n' "$*"
  "$@" >"$output" 2>&1 || code=$?
  case $code in
    0) said PASS ;;
    1) said FAIL ;;
    3) grep -qE 'INCONCLUSIVE|INVALID' "$output" || wrong "'$*' ended with 3 and no verdict" ;;
    *) wrong "'$*' ended with $code" ;;
  esac
  head -n 1 "$output"
}

# believed DIRECTORY: the generator did what was planned.
believed() {
  holds "$1/summary.json" 'd["verdict"] != "INVALID"'
}

if chosen 1; then
  step "1. a load ends with a verdict and a report; two workers send the same plan"
  decided etalon load run --target embedded --profile launch-day --peak "${PEAK:-300}" --duration 60s --objectives default --out L
  present L/report.html L/report.fr.html L/summary.json L/timeline.parquet L/requests.hdr L/junit.xml
  decided etalon load run --target embedded --profile launch-day --peak "${PEAK:-300}" --duration 60s --objectives default --workers 2 --out LW
  python - <<'PYTHON' || wrong "one worker and two differ"
import json
one, two = (json.load(open(f"{run}/workload.json", encoding="utf-8")) for run in ("L", "LW"))
verdicts = [json.load(open(f"{run}/summary.json", encoding="utf-8"))["verdict"] for run in ("L", "LW")]
print("plan", one["plan_digest"][:16], "verdicts", *verdicts)
assert one["plan_digest"] == two["plan_digest"]
assert one["planned"] == two["planned"]
assert verdicts[0] == verdicts[1]
PYTHON
  step "   merged histograms are those of the union, bit for bit"
  python - <<'PYTHON' || wrong "the histograms differ"
import json
import random
from etalon_load.histogram import Histogram, merged
chance = random.Random(1)
samples = [int(chance.lognormvariate(9, 2)) for _ in range(200_000)]
parts = [Histogram.of(samples[0::2]), Histogram.of(samples[1::2])]
sent = [Histogram.from_plain(json.loads(json.dumps(one.plain()))) for one in parts]
assert merged(sent).digest() == Histogram.of(samples).digest()
recorded = json.load(open("LW/measured.json", encoding="utf-8"))["measures"]["steps"]
print(len(recorded), "steps recorded,", merged(sent).digest()[:16])
PYTHON
fi

if chosen 2; then
  step "2. the arrivals of a simulated launch, replayed"
  ends 0 etalon simulate launch-2022 --population full --arrivals 2022-02-03T18:00/PT10M ${KNOWLEDGE:+--knowledge "$KNOWLEDGE"} --out N
  present N/arrivals.parquet
  decided etalon load run --target embedded --arrivals N/arrivals.parquet --window 2022-02-03T18:00/PT1M --peak "${PEAK:-300}" --out L2
  present L2/report.html
  holds L2/workload.json 'd["seconds"] == 60 and d["profile"]["window"] == "2022-02-03T18:00/PT1M"'
fi

if chosen 3; then
  step "3. a stall turns the verdict red and says when and how long; capacity has an interval"
  ends 1 etalon load run --target embedded --profile launch-day --peak "${PEAK:-100}" --duration 20s --fault stall:2s --out L3
  said FAIL "nothing was answered for"
  cat "$output"
  believed L3
  ends 0 etalon load capacity --target embedded --out K
  said "The objectives hold up to"
  cat "$output"
  present K/capacity.json K/report.html
  holds K/capacity.json '0 < d["held"] < d["missed"] and d["missed"] - d["held"] <= 0.05 * d["missed"] + 1e-9'
fi

if chosen 4; then
  step "4. go or no-go"
  if [ ! -e K/capacity.json ]; then ends 0 etalon load capacity --target embedded --out K; fi
  for scenario in pilot-2021 pilot-announced; do
    ends 0 etalon simulate $scenario --population full --knowledge "${DRAWS:-64}" --out C/$scenario
  done
  decision() {
    local code=0
    etalon load decide --capacity K --lang en "$@" >"$output" 2>&1 || code=$?
    case $code in 0 | 1 | 3) cat "$output" ;; *) wrong "load decide $* ended with $code" ;; esac
  }
  decision --runs C --out D
  said "the busiest minute stays within what the platform carries" "The platform carries"
  present D/decision.json D/report.html D/report.fr.html D/platform-capacity.json
  decision --runs C/pilot-2021 --find-waves --out W
  said "notification plan"
  present W/experiment.toml
fi

step "   what cannot be loaded says so"
ends 3 etalon load run --target http://127.0.0.1:9/fhir --profile constant --duration 2s --out U
said "the target does not answer"
ends 2 etalon load run --target http://192.0.2.1/fhir --profile constant --duration 2s --out U
said "--i-own-this-target"

printf '\nall true\n'
