#!/usr/bin/env bash
# What issue I promised to show, as commands in a fresh directory: make shows X=I.
# SHOWS="1 3" runs these steps only.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

if chosen 1; then
  step "1. a good client is green, a wrong one is named"
  ends 0 etalon conformance run --role client --profile lps --self-play --out R --lang en
  cat "$output"
  present R/report.html R/report.fr.html R/verdicts.json R/session.json
  ends 1 etalon conformance run --role client --profile lps --self-play --impostor bundle-as-batch --out W --lang en
  said W-REC-03
fi

if chosen 2; then
  step "2. real foreign clients through the scenarios, by --driver"
  tested conformance/test_foreign_clients.py
  tested conformance/test_witness_mail.py
fi

if chosen 3; then
  step "3. the live page in a real browser"
  tested conformance/test_witness_browser.py
fi

if chosen 4; then
  step "4. test your software in an afternoon"
  present "$repository/docs/guides/client.md"
fi

step "   a profile that there is not"
ends 2 etalon conformance run --role client --profile no-such --self-play --out U --lang en
cat "$output"

printf '\nall true\n'
