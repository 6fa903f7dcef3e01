#!/usr/bin/env bash
# What issue G promised to show, as commands in a fresh directory: make shows X=G.
# SHOWS="1 3" runs these steps only. Postfix, Dovecot and swaks are those of .ci/debian-packages.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

chosen() { [[ " ${SHOWS:-1 2 3 4} " == *" $1 "* ]]; }

if chosen 1; then
  step "1. Postfix delivers over STARTTLS, Dovecot holds the doctor's mailbox; what is missing is named"
  tested server/mail/test_postfix_and_dovecot.py server/mail/test_swaks.py
  ends 5 env PATH="$(dirname "$(command -v python)")" python -m pytest --rootdir "$repository" \
    -c "$repository/pyproject.toml" -p no:cacheprovider -q "$repository/tests/server/mail/test_swaks.py"
  tail -n 1 "$output"
  [[ "$(tail -n 1 "$output")" == "not run here: "*"(no swaks)" ]] || wrong "the last line names nothing"
fi

if chosen 2; then
  step "2. an OpenID client pairs an app and reads a measure; revoked, its next call fails"
  tested server/test_openid_client.py
fi

if chosen 3; then
  step "3. the guides run; ten lines of smtplib deliver what the holder reads"
  tested server/mail/test_mail_guide.py server/test_apps_guide.py
  etalon serve --sandbox --smtp-port 2525 --maildir leaving --port 0 --lang en >served 2>log &
  server=$!
  trap 'kill "$server" 2>/dev/null || true; rm -rf "$fresh"' EXIT
  for _ in $(seq 100); do
    grep -q Ctrl-C served && break
    sleep 0.1
  done
  cat served
  ends 0 python - "$(sed -n 's/.*answers at \(http:[^ ]*\) .*/\1/p' served)" <<'PYTHON'
import base64, json, smtplib, sys, urllib.request
from email.message import EmailMessage

def ask(path, body=None, token=""):
    kind = "application/json" if path.startswith("/sandbox") else "application/fhir+json"
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, data, headers)) as answer:
        return json.load(answer)

[person] = ask("/sandbox/people", {"age": 52})
[doctor] = ask("/sandbox/professionals", {"profession": "10"})
lot = ask("/sandbox/lots", {"holder": person["ins"], "from": doctor["mailbox"]})
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = doctor["mailbox"], lot["to"], lot["subject"]
mail["Date"], mail["Message-ID"] = "Tue, 02 May 2023 10:00:00 +0200", "<1@cabinet.example>"
mail.set_content("Bonjour, voici le compte rendu.")
archive = base64.b64decode(lot["archive"])
mail.add_attachment(archive, maintype="application", subtype="zip", filename=lot["name"])
host, port = ask("/sandbox")["smtp"].split(":")
with smtplib.SMTP(host, int(port)) as server:
    server.send_message(mail)

actor = {"kind": "holder", "ins": person["ins"]}
token = ask("/sandbox/tokens", {"actor": actor})["access_token"]
[found] = ask(f"/fhir/DocumentReference?patient.identifier={person['ins']}&status=current", token=token)["entry"]
print("the holder reads:", found["resource"]["content"][0]["attachment"]["title"])
PYTHON
  cat "$output"
  said "the holder reads: Compte rendu"
  kill -TERM "$server"
  wait "$server" || wrong "the server did not stop well"
  ends 2 etalon serve --sandbox --relay mail.example.org:25
  said "--smtp-port"
fi

if chosen 4; then
  step "4. the official examples of agenda and measures behave; lots, receipts and CDA of our own"
  python - "$repository" <<'PYTHON'
import pathlib, sys
samples = pathlib.Path(sys.argv[1]).parent / "shared" / "samples"
for name in ("agenda", "mesures"):
    here = (samples / name).exists()
    print("official examples of", name, "here" if here else "not here; those of our own alone")
PYTHON
  tested wire/test_validation.py wire/test_measures.py wire/mail \
    server/test_measures.py server/test_agenda_schedules.py server/test_agenda_holding.py
fi

printf '\nall true\n'
