#!/usr/bin/env bash
# What issue K promised to show, as commands in a fresh directory: make shows X=K.
# SHOWS="1 3" runs these steps only; EARLIER="A B" takes up these earlier scripts in step 4, all of
# them otherwise; ETALON_SCREENSHOTS=DIRECTORY keeps the pictures of step 1.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

# timed NAME FUNCTION: does a task of a guide, and says how long it took.
timed() {
  local began=$SECONDS
  "$2"
  printf '%s: %s s\n' "$1" "$((SECONDS - began))"
}

policy_question() {
  ends 0 etalon compare launch-2022 letters-to-seniors --population 0.01 --knowledge 16 --out draft --lang en
  cat "$output"
  present draft/report.html draft/comparison.json
  ends 0 etalon note draft --lang fr
  present draft/note-fr.docx
}

server_tested() {
  etalon serve --sandbox --port 0 --impostor publish-without-location --lang en >served 2>log &
  server=$!
  trap 'kill "$server" 2>/dev/null || true; rm -rf "$fresh"' EXIT
  for _ in $(seq 600); do
    grep -q AuditEvent served && break
    sleep 0.1
  done
  base=$(grep -oE 'http://[^ ]*/fhir' served | head -n 1)
  ends 1 etalon conformance run --target "$base" --suite records-server --seed 1 --out first --lang en
  said W-REC-12 'Failures (1):'
  present first/report.html first/report.fr.html
  ends 1 sh first/counterexamples/W-REC-12-publish_answers_what_was_made/replay.sh "$base"
  kill -TERM "$server"
  wait "$server" || wrong "the server did not stop well"
}

client_tested() {
  ends 0 etalon conformance run --role client --profile lps --self-play --out client --lang en
  present client/report.html client/report.fr.html client/verdicts.json
}

load_judged() {
  local code=0
  etalon load run --target embedded --profile launch-day --peak 20 --duration 20s --fault stall:2s --out stalled --lang en >"$output" 2>&1 || code=$?
  case $code in # a machine that does something else may be too late to judge, and is told so
    1) said FAIL 'nothing was answered' ;;
    3) said INVALID 'The generator was late' ;;
    *) wrong "the load ended with $code" ;;
  esac
  head -n 1 "$output"
  present stalled/report.html stalled/report.fr.html stalled/summary.json
}

if chosen 1; then
  step "1. the explorer, every report in both languages and the tour in a real browser; axe"
  tested reports/test_pages_in_a_browser.py explore/test_page_in_a_browser.py
fi

if chosen 2; then
  step "2. four tasks of the guides, timed"
  timed "a question of policy" policy_question
  timed "a server" server_tested
  timed "client software" client_tested
  timed "a load" load_judged
fi

if chosen 3; then
  step "3. the documents"
  tested test_documents.py repository/test_documentation_site.py repository/test_french_pages.py \
    repository/test_generated.py
  ends 0 python "$repository/scripts/documentation_site.py" --check
fi

if chosen 4; then
  step "4. what the issues before promised"
  for letter in ${EARLIER:-A B C D E F G H I J}; do
    began=$SECONDS
    ends 0 env -u SHOWS bash "$repository/tests/shows/$letter.sh"
    said 'all true'
    printf '%s: %s s\n' "$letter" "$((SECONDS - began))"
  done
fi

step "   a page of a run that there is not"
ends 2 etalon report no-such-run --lang en
cat "$output"

printf '\nall true\n'
