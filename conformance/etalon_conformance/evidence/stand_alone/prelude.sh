set -u
case ${1:-} in -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
base=${1:-${ETALON_TARGET:-$default}}
base=${base%/}
if [ "$base" != "$default" ]; then default_root='' default_sandbox=''; fi
root=${ETALON_ROOT:-${default_root:-${base%/fhir}}}
sandbox=${ETALON_SANDBOX:-${default_sandbox:-$root/sandbox}}
seconds=${ETALON_SECONDS:-30}
CURL_OPTIONS=${CURL_OPTIONS:-}
direct="localhost,127.0.0.1,::1,${no_proxy:-${NO_PROXY:-}}"

case ${ETALON_LANG:-${LC_ALL:-${LANG:-}}} in fr*) words=fr ;; *) words=en ;; esac

# say ENGLISH FRENCH, stop ENGLISH FRENCH
say() { if [ "$words" = fr ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi; }
stop() { say "$1" "$2" >&2; exit 2; }
for needed in curl python3; do
    command -v "$needed" >/dev/null || stop "This script needs $needed." "Il faut $needed."
done
umask 077
work=$(mktemp -d) || stop "No temporary directory can be made." "Aucun dossier temporaire."
export work words
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# take NUMBER NAME=PLACE…: values of the answer to a call, each from the first place that has it.
take() {
    taken=$(python3 -I -S "$work/look" take "$@") || gone "$1" "$taken"
    eval "$taken"
}

# gone NUMBER WHY: what a wrong server gave away, a right one keeps: where the controls hold, the
# defect does not show.
gone() {
    answered "${1%+}"
    case $status in [1-4]??) ;; *) stop "Cannot be replayed: $2" "Rejeu impossible : $2" ;; esac
    python3 -I -S "$work/look" controls >/dev/null ||
        stop "Cannot be replayed: $2" "Rejeu impossible : $2"
    say "The defect does not show: $2." "Le défaut ne se montre pas : $2."
    exit 0
}

# make NAME=KIND…: new identifiers, instants moved to the clock of the server, hashes of contents.
make() {
    made=$(python3 -I -S "$work/look" make "$@") || exit 2
    eval "$made"
}

quoted() { python3 -I -S "$work/look" quoted "$1"; }
answered() { status=000; read -r status <"$work/$1.status" || :; }

# body: keeps what the next call sends.
body() { text=$(cat) && printf '%s' "$text" >"$work/sent"; }

# certificate NAME: a client certificate with its key, in PEM, that calls show.
certificate() {
    eval "file=\${$1:-}"
    if [ ! -f "$file" ]; then
        stop "Set $1: the file of a client certificate with its key (PEM) that $base takes." \
            "Donner $1 : le fichier d'un certificat client et de sa clé (PEM) que $base accepte."
    fi
}

# minted: a token of the sandbox for the actor read.
minted() {
    cat >"$work/actor"
    curl -q -sS -g --max-time "$seconds" --noproxy "$direct" $CURL_OPTIONS \
        -H 'Content-Type: application/json' --data-binary @"$work/actor" "$sandbox/tokens" |
        python3 -I -S "$work/look" token
}

# send NUMBER VERB URL [OPTIONS OF CURL]: one request; what came back is kept under its number.
send() {
    number=$1 verb=$2 url=$3
    shift 3
    if [ -f "$work/sent" ]; then set -- --data-binary @"$work/sent" "$@"; fi
    if [ "$verb" = HEAD ]; then set -- --head "$@"; else set -- --request "$verb" "$@"; fi
    printf '%s\n' "$url" >"$work/$number.url"
    curl -q -sS -g --path-as-is --http1.1 --max-time "$seconds" --noproxy "$direct" \
        -H 'Accept:' -H 'Content-Type:' -H 'Expect:' -H 'User-Agent: replay' -H @"$work/proof" $CURL_OPTIONS "$@" \
        -D "$work/$number.headers" -o "$work/$number.body" -w '%{http_code}' "$url" \
        >"$work/$number.status" 2>"$work/$number.error"
    failed=$?
    case $failed in
    0) ;;
    5 | 6 | 7 | 35 | 51 | 53 | 58 | 59 | 60 | 77 | 83)
        stop "No server at $url: $(cat "$work/$number.error")" \
            "Pas de serveur à $url : $(cat "$work/$number.error")" ;;
    *)
        echo 000 >"$work/$number.status"
        say "call $number had no answer: $(cat "$work/$number.error")" \
            "l'appel $number est sans réponse : $(cat "$work/$number.error")" >&2 ;;
    esac
}

# prove WHO: takes the token of who asks, unless it is held.
prove() {
    : >"$work/proof"
    if [ "$1" = - ]; then return; fi
    if [ ! -f "$work/token.$1" ]; then
        new=yes
        "token_of_$1" >"$work/token.$1" ||
            stop "No token can be had for $1." "Pas de jeton pour $1."
    fi
    printf 'Authorization: Bearer %s\n' "$(cat "$work/token.$1")" >"$work/proof"
}

# call NUMBER WHO VERB URL [OPTIONS OF CURL]
call() {
    number=$1 who=$2
    shift 2
    new=no
    prove "$who"
    send "$number" "$@"
    answered "$number"
    if [ "$status" = 401 ] && [ "$who" != - ] && [ "$new" = no ]; then
        rm -f "$work/token.$who"
        prove "$who"
        send "$number" "$@"
    fi
    rm -f "$work/sent"
}

# page NUMBER WHO VERB URL [OPTIONS OF CURL]: a search, and the pages that its links lead to.
page() {
    first=$1 asker=$2 rank=1
    call "$@"
    shift 4
    cp "$work/$first.url" "$work/$first.asked"
    here=$first
    while [ "$rank" -lt 100 ]; do
        grep -q '"next"' "$work/$here.body" 2>/dev/null || break
        link=$(python3 -I -S "$work/look" next "$here") || break
        case $link in
        http://* | https://*) ;;
        /*) link=$(printf '%s' "$base" | sed 's|^\(https*://[^/]*\).*|\1|')$link ;;
        *) link=$base/$link ;;
        esac
        rank=$((rank + 1))
        here=$first.$rank
        call "$here" "$asker" GET "$link" "$@"
        if grep -qxF "$link" "$work/$first.asked"; then break; fi
        printf '%s\n' "$link" >>"$work/$first.asked"
    done
}

# prepared NUMBER: the scene is set, or nothing can be said.
prepared() {
    answered "$1"
    case $status in
    2??) ;;
    *)
        body=$(head -c 600 "$work/$1.body" 2>/dev/null)
        stop "Cannot be replayed: set-up call $1 answered $status: $body" \
            "Rejeu impossible : la mise en place (appel $1) a répondu $status : $body" ;;
    esac
}

# usual NUMBER STATUS [changes]: says where a call went otherwise than in the run.
usual() {
    answered "$1"
    case $status in
    2??) ;;
    401)
        echo "$1" >>"$work/refused"
        say "note: the token of call $1 is refused (401)" \
            "à noter : le jeton de l'appel $1 est refusé (401)" >&2 ;;
    *)
        if [ "${3:-}" = changes ]; then echo changes >>"$work/refused"; fi
        say "note: call $1 answered $status, and $2 in the run" \
            "à noter : l'appel $1 répond $status, et $2 lors de la campagne" >&2 ;;
    esac
}

# control NUMBERS PATH RELATION VALUES…: shows that anything can be seen; else nothing is said.
control() { printf '%s\0' "$#" "$@" >>"$work/controls"; }

# verdict REQUIREMENT NUMBERS PATH RELATION VALUES…: ends the script.
verdict() {
    requirement=$1
    shift
    python3 -I -S "$work/look" look "$@"
    case $? in
    0)
        say "$requirement: kept, the defect does not show." \
            "$requirement : tenue, le défaut ne se montre pas."
        exit 0 ;;
    1)
        if grep -qx changes "$work/refused" 2>/dev/null; then
            stop "Nothing can be said: an earlier call was refused, and not in the run." \
                "Rien ne peut être dit : un appel antérieur est refusé, et ne l'était pas."
        fi
        if grep -qxF "${1%+}" "$work/refused" 2>/dev/null; then
            stop "Nothing can be said: the token of call $1 is refused." \
                "Rien ne peut être dit : le jeton de l'appel $1 est refusé."
        fi
        say "$requirement: BROKEN, the defect shows (call $1)." \
            "$requirement : NON TENUE, le défaut se montre (appel $1)."
        exit 1 ;;
    *)
        stop "Nothing can be said: a control does not hold." \
            "Rien ne peut être dit : un préalable n'est pas rempli." ;;
    esac
}
