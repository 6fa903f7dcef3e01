#!/usr/bin/env bash
# What issue D promised to show, as commands in a fresh directory: make shows X=D.
# SHOWS="1 3" runs these steps only; step 4 takes about two minutes, step 5 about nine.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4 5} " == *" $1 "* ]]; }

if chosen 1; then
  step "1. the server prints its address and lines to try; they work, and so does the guide"
  etalon serve --sandbox --port 0 --lang en >served 2>log &
  server=$!
  trap 'kill "$server" 2>/dev/null || true; rm -rf "$fresh"' EXIT
  for _ in $(seq 100); do
    grep -q AuditEvent served && break
    sleep 0.1
  done
  cat served
  cp served "$output"
  said "Étalon answers at http://127.0.0.1:" "curl"
  sed -n 's/^  //p' served >pasted.sh
  [ "$(wc -l <pasted.sh)" -ge 5 ] || wrong "too few lines to try"
  ends 0 sh -eu pasted.sh
  cp "$output" tried
  said '"resourceType":"CapabilityStatement"' '"total":0' '"resourceType":"AuditEvent"'
  kill -TERM "$server"
  wait "$server" || wrong "the server did not stop well"
  tested server/test_server_guide.py cli/test_serve.py
fi

if chosen 2; then
  step "2. the official examples: findings that one expects, taken by a running server, read back"
  python - "$repository" <<'PYTHON'
import pathlib, sys
samples = pathlib.Path(sys.argv[1]).parent / "shared" / "samples" / "pdsm"
print("official examples:", "here" if samples.exists() else "not here; those of our own alone")
PYTHON
  present "$repository/tests/wire/expected_findings.csv"
  tested wire/test_validation.py wire/test_official_readings.py server/test_examples_served.py
fi

if chosen 3; then
  step "3. curl, fhirpy and fhirclient deposit, search, read and patch"
  tested server/test_real_clients.py
fi

if chosen 4; then
  step "4. killed at 200 moments, cut and changed at 200 places: nothing answered is lost; planted faults are seen"
  ends 0 python "$repository/scripts/measure.py" prove crash
  cat "$output"
  present "$repository/prove/results/crash.json"
fi

if chosen 5; then
  step "5. the benchmark writes its ratios"
  ends 0 python "$repository/scripts/measure.py" bench server
  present "$repository/benchmarks/results/server.json"
fi

printf '\nall true\n'
