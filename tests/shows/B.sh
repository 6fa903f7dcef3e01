#!/usr/bin/env bash
# What issue B promised to show, as commands in a fresh directory: make shows X=B.
# SHOWS="1 4" runs these steps only; COMMANDS bounds the journal of step 2 (a million as promised).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

if chosen 1; then
  step "1. the rules with enforcement and test, the open questions, the life cycle"
  etalon model rules --json >rules.json
  holds rules.json 'len(d) == 191'
  holds rules.json 'all((r["enforced_by"] and r["tests"]) or r["reason"] for r in d)'
  ends 0 etalon model policies
  said C1 C8 G1 G14
  ends 0 etalon model state-diagram
  present life-cycle.svg life-cycle.mmd
  ends 0 etalon explain LIF-04
  said "standing: law" open_automatically
  ends 2 etalon explain LIF-99
fi

if chosen 2; then
  step "2. a journal replays to the digest recorded with it"
  ends 0 etalon model record --commands "${COMMANDS:-1000000}" --seed 1 --out J --json
  cp "$output" recorded
  ends 0 etalon model replay J --json
  cat "$output"
  python - "$output" <<'PYTHON' || wrong "the digests differ"
import json, sys
def last(name):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    return json.loads(text[text.index("{"):])
sys.exit(last("recorded")["digest"] != last(sys.argv[1])["digest"])
PYTHON
fi

if chosen 3; then
  step "3. the benchmark writes its figures"
  ends 0 python "$repository/scripts/measure.py" bench model
  present "$repository/benchmarks/results/model.json"
fi

if chosen 4; then
  step "4. the guide runs as it stands"
  (cd "$repository" && ends 0 python -m pytest -q tests/model/test_model_guide.py)
fi

printf '\nall true\n'
