#!/usr/bin/env bash
# What issue J promised to show, as commands in a fresh directory: make shows X=J.
# SHOWS="1 3" runs these steps only; PEOPLE=200000 asks for less than the nation.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

if chosen 1; then
  step "1. years of documents and activation, with both intervals"
  ends 0 etalon simulate launch-2022 --until 2025-12-31 --population "${PEOPLE:-full}" --out Y --lang en
  present Y/report.html Y/usage.parquet
  holds Y/summary.json 'd["usage_digest"]'
fi

if chosen 2; then
  step "2. a sweep on two processes, then on a cluster of which a worker is killed"
  tested scenarios/test_sweeps.py
fi

if chosen 3; then
  step "3. fitted, and foretold"
  ends 0 etalon calibrate pilot-2021 --targets pilot --out K --lang en
  cat "$output"
  present K/report.html
  ends 0 etalon forecast england-ndop --out F --lang en
  cat "$output"
  present F/report.html
  present "$repository/docs/validation.md"
fi

if chosen 4; then
  step "4. bring your own scheme"
  tested cli/test_packs_guide.py cli/test_packs.py
fi

printf '\nall true\n'
