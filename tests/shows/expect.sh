# Words for the scripts beside this file: each says what must be true and stops at the first that is not.
# shellcheck shell=bash

export LC_ALL=C.UTF-8 # messages in English

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
cd "$fresh"
output="$fresh/.output"

step() { printf '\n== %s\n' "$*"; }

wrong() {
  printf 'NOT TRUE: %s\n' "$*" >&2
  [ ! -s "$output" ] || tail -n 20 "$output" >&2
  exit 1
}

# ends CODE COMMAND…: the command ends with that exit code; what it says is kept for `said`.
ends() {
  local wanted=$1 code=0
  shift
  printf '$ %s\n' "$*"
  "$@" >"$output" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || wrong "'$*' ended with $code, expected $wanted"
}

# said TEXT…: the last command said each of these texts.
said() {
  local text
  for text in "$@"; do
    grep -qF -- "$text" "$output" || wrong "expected in the output: $text"
  done
}

# present FILE…: each file exists and is not empty.
present() {
  local file
  for file in "$@"; do
    [ -s "$file" ] || wrong "expected a file: $file"
  done
}

# holds FILE EXPRESSION: a Python expression over `d`, the JSON in the file, is true.
holds() {
  python - "$1" "$2" <<'PYTHON' || wrong "$1: $2"
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    d = json.load(file)
sys.exit(not eval(sys.argv[2], {"d": d}))
PYTHON
}

# tested FILE…: these tests of the repository pass, none is skipped.
tested() {
  ends 0 python -m pytest --rootdir "$repository" -c "$repository/pyproject.toml" -p no:cacheprovider \
    -q "${@/#/$repository/tests/}"
  grep -E '[0-9]+ passed' "$output"
  if grep -qE '[0-9]+ (skipped|failed|error)' "$output"; then wrong "not every test ran"; fi
}
