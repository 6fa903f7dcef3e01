#!/usr/bin/env bash
# What issue H promised to show, as commands in a fresh directory: make shows X=H.
# SHOWS="1 3" runs these steps only; BUDGET=5s explores for less time.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

# serving NAME OPTION…: a sandbox on a free port; its FHIR base is in `address`.
serving() {
  local name=$1
  shift
  etalon serve --sandbox --clock manual --port 0 --lang en "$@" >"$name.served" 2>"$name.log" &
  servers+=($!)
  for _ in $(seq 200); do
    grep -q Ctrl-C "$name.served" && break
    sleep 0.1
  done
  address=$(sed -n 's/.*answers at \(http:[^ ]*\) .*/\1/p' "$name.served")/fhir
}
servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$fresh"' EXIT

if chosen 1; then
  step "1. the whole service, checked and explored; the power of the suite"
  ends 0 etalon conformance run --target embedded --suite whole-service --budget "${BUDGET:-30s}" --out R --lang en
  cat "$output"
  present R/report.html R/report.fr.html R/verdicts.json
  holds R/verdicts.json 'd["exploration"] is not None'
  etalon conformance power --server masked-found --server other-order --json >told.json ||
    wrong "the power could not be measured"
  python - told.json <<'PYTHON' || wrong "the power is not what it should be"
import json, sys
told = json.loads(open(sys.argv[1], encoding="utf-8").read())
assert told["impostors"] == 1 and told["killed"] == 1 and told["variants"] == 1
assert not told["false_alarms"], told
PYTHON
fi

if chosen 2; then
  step "2. impostors that no scripted check catches, and that exploring does"
  present "$repository/docs/reference/explored-impostors.md"
  for name in ${NAMES:-blocked-read-once-shared masks-lost-by-deleting}; do
    ends 0 python "$repository/scripts/explored_proof.py" "$name"
    cat "$output"
  done
fi

if chosen 3; then
  step "3. two targets and the model: a correct variant agrees, an impostor does not"
  serving variant --impostor other-order
  ends 0 etalon conformance differential --target embedded --target "$address" --budget "${BUDGET:-20s}" --out D --lang en
  cat "$output"
  serving impostor --impostor masked-found
  ends 1 etalon conformance differential --target embedded --target "$address" --budget "${BUDGET:-20s}" --out E --lang en
  cat "$output"
fi

if chosen 4; then
  step "4. what a verdict is worth"
  present "$repository/docs/guides/what-a-verdict-is-worth.md" "$repository/docs/track-record.md"
fi

printf '\nall true\n'
