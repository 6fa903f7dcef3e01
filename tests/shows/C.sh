#!/usr/bin/env bash
# What issue C promised to show, as commands in a fresh directory: make shows X=C.
# SHOWS="1 3" runs these steps only; PEOPLE=0.01 plays steps 1 and 3 on a part of the country.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4 5} " == *" $1 "* ]]; }
people=${PEOPLE:-full}

# drawn PAGE WORD…: a report holds each word, in either language.
drawn() {
  local page=$1 word
  shift
  present "$page"
  for word in "$@"; do
    grep -qF -- "$word" "$page" || wrong "$page does not say: $word"
  done
}

if chosen 1; then
  step "1. the whole country, with progress, then its report in both languages"
  ends 0 etalon simulate launch-2022 --population "$people" --out N --lang fr
  said "jours simulés" "taux d’opposition"
  holds N/run.json 'd["status"] == "complete"'
  [ "$people" != full ] || holds N/run.json 'd["engine"] == "cohort"'
  holds N/summary.json '0.013 <= d["opt_out_rate"] <= 0.016'
  holds N/knowledge.json 'd["draws_done"] == 64 and d["fans"]'
  drawn N/report.html "droit constant" "Connaissance"
  ends 0 etalon report N --lang en --format html,xlsx,csv
  drawn N/report.html "current law"
  present N/tables.xlsx
fi

if chosen 2; then
  step "2. two engines, one ledger"
  ends 0 etalon simulate pilot-2021 --population 100000 --engine agents --seed 3 --knowledge 0 --out A1
  ends 0 etalon simulate pilot-2021 --population 100000 --engine cohort --seed 3 --knowledge 0 --out A2
  python - <<'PYTHON' || wrong "the ledgers differ"
import json, sys
one, other = (json.load(open(f"{run}/summary.json", encoding="utf-8")) for run in ("A1", "A2"))
print(one["engine"], one["ledger_digest"])
print(other["engine"], other["ledger_digest"])
sys.exit(one["ledger_digest"] != other["ledger_digest"] or one["engine"] == other["engine"])
PYTHON
fi

if chosen 3; then
  step "3. five policies side by side, and the note"
  policies=(launch-2022 letters-to-seniors reminder-day-28 ten-week-window opt-in)
  ends 0 etalon compare "${policies[@]}" --population "$people" --out C
  cat "$output"
  said "under current law" "supposes a change of article R. 1111-28" "not distinguishable"
  holds C/comparison.json '[p["name"] for p in d["policies"]] == ["launch-2022",
    "letters-to-seniors", "reminder-day-28", "ten-week-window", "opt-in"]'
  holds C/comparison.json 'any(r["by"] == "age" for r in d["differences"])'
  holds C/comparison.json '{r["by"] for r in d["differences"]} == {"all", "age", "sex", "channel",
    "digital_exclusion"}'
  holds C/comparison.json 'all(r["chance"] and r["knowledge"] for r in d["differences"]
    if r["measure"] == "informed" and r["by"] == "all")'
  holds C/comparison.json 'd["cost_effect"] and d["equity"] and d["common_random_numbers"]'
  drawn C/report.html letters-to-seniors
  ends 0 etalon compare "${policies[@]}" --population "$people" --out C --resume # nothing left to do
  ends 0 etalon note C --lang fr
  present C/note-fr.docx
  python - <<'PYTHON' || wrong "the note does not open, or says too little"
import sys
from docx import Document
note = Document("C/note-fr.docx")
words = " ".join(paragraph.text for paragraph in note.paragraphs)
print(words[:300])
sys.exit(not (note.tables and len(words.split()) > 150))
PYTHON
  if command -v soffice >/dev/null; then
    ends 0 soffice --headless --convert-to pdf --outdir converted C/note-fr.docx
    present converted/note-fr.pdf
  fi
fi

if chosen 4; then
  step "4. the benchmarks write their figures"
  for item in scenarios paired-seeds; do
    ends 0 python "$repository/scripts/measure.py" bench "$item"
    present "$repository/benchmarks/results/$item.json"
  done
fi

if chosen 5; then
  step "5. the guide for policy teams, its commands as a new user would type them"
  python - "$repository/docs/guides/policy.md" <<'PYTHON' >guide.sh
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
    for line in block.splitlines():
        if line.startswith("$ "):
            print(line[2:])
for name, block in re.findall(r"`([a-z0-9-]+\.toml)`:\n\n```toml\n(.*?)```", text, re.DOTALL):
    with open(name, "w", encoding="utf-8") as file:
        file.write(block)
PYTHON
  [ "$(wc -l <guide.sh)" -ge 6 ] || wrong "the guide has too few commands"
  ends 0 bash -eux guide.sh
  present draft/comparison.json draft/note-fr.docx draft/tables.xlsx
fi

printf '\nall true\n'
