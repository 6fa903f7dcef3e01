"""The command `etalon serve`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

SERVE: Final = Command(
    words=("serve",),
    help="run the reference server: records, life cycle, rights and identity over HTTP",
    module="serve_command",
    parameters=(
        Parameter(
            name="--host",
            help="address to listen on; others reach this machine by 0.0.0.0 or ::",
            metavar="HOST",
            default="127.0.0.1",
        ),
        Parameter(
            name="--port",
            help="port to listen on, between 0 and 65535; 0 takes a free one",
            metavar="PORT",
            default="8080",
        ),
        Parameter(
            name="--public-address",
            help="address under which clients reach the server, such as https://etalon.example.org",
            metavar="URL",
            default="the one each client used",
        ),
        Parameter(
            name="--data",
            help="directory that keeps what happens; one server at a time runs on it",
            metavar="DIR",
            default="memory only: all is lost at the end",
        ),
        Parameter(
            name="--vintage",
            help="values of the service: pilot-2021, launch-2022 or steady-2023",
            metavar="NAME",
            default="steady-2023",
        ),
        Parameter(
            name="--seed",
            help="seed of codes and of test people, between 0 and 18446744073709551615",
            metavar="SEED",
            default="1",
        ),
        Parameter(
            name="--clock",
            help="real, or manual: it stands until the sandbox moves it",
            choices=("real", "manual"),
            default="real; manual with --impostor",
        ),
        Parameter(
            name="--people",
            help="test people of the seed who are there at the start",
            metavar="N",
            default="0",
        ),
        Parameter(
            name="--sandbox",
            help="offer the controls under /sandbox, on this machine only",
            take="switch",
        ),
        Parameter(
            name="--impostor",
            help="answer as a server known to be wrong, or as one that differs and is right",
            metavar="NAME",
        ),
        Parameter(
            name="--until-stdin-closes",
            help="stop when standard input ends, as it does with the program that started this one",
            take="switch",
        ),
        Parameter(
            name="--force",
            help="offer them on an address that other machines reach too",
            take="switch",
        ),
        Parameter(
            name="--audit",
            help="prompt: a read may be answered before its trace is on the disk; strict: never",
            choices=("prompt", "strict"),
            default="prompt",
        ),
        Parameter(
            name="--mode",
            help="which text holds where two differ; lenient takes what either takes",
            choices=("pdsm-strict", "pdsm4dmp", "lenient"),
            default="pdsm-strict",
        ),
        Parameter(
            name="--ig",
            help="official package of profiles (package.tgz) to validate against",
            metavar="FILE",
            default="the profiles written here from the public texts",
        ),
        Parameter(
            name="--cda-kit",
            help="folder TestContenuCDA of the ANS: its schema and schematrons judge clinical "
            "documents; the schematrons need the extra `cda`",
            metavar="DIR",
            default="their header is held against their metadata, and no more",
        ),
        Parameter(
            name="--tls-cert",
            help="certificate of the server, with its chain (PEM); needs --tls-key",
            metavar="FILE",
        ),
        Parameter(
            name="--tls-key",
            help="private key of that certificate, without a password (PEM)",
            metavar="FILE",
        ),
        Parameter(
            name="--client-ca",
            help="authorities whose client certificates are taken (PEM); needs --tls-cert",
            metavar="FILE",
        ),
        Parameter(
            name="--smtp-port",
            help="port to take mail to patients on, on the same address; 0 takes a free one",
            metavar="PORT",
            default="no mail",
        ),
        Parameter(
            name="--maildir",
            help="Maildir of the mail that leaves: receipts, answers of holders",
            metavar="DIR",
            default="maildir in the directory of --data; without it, one that ends with the server",
        ),
        Parameter(
            name="--relay",
            help="the one mail server that it leaves by, such as mail.example.org:25",
            metavar="HOST:PORT",
            default="none: it stays in the Maildir",
        ),
        Parameter(
            name="--allow-real-domains",
            help="write by the relay to professional mailboxes that were not created here too",
            take="switch",
        ),
        LANG,
        JSON,
    ),
    examples=(
        "etalon serve --sandbox",
        "etalon serve --sandbox --smtp-port 2525",
        "etalon serve --sandbox --clock manual --vintage launch-2022 --people 100",
        "etalon serve --data server-data --audit strict",
        "etalon serve --sandbox --impostor masked-found",
    ),
    notes=(
        (
            "Needs the extra `server`. Once it answers it prints its address and lines to try "
            "with curl; with `--json` one line of JSON: `address`, `fhir`, `sandbox`, `vintage`, "
            "`people`, `smtp`, `maildir`."
        ),
        "Ctrl-C or SIGTERM finishes what was accepted and stops; exit code 0.",
        (
            "Without `--sandbox` there is no path under /sandbox. With it, anybody who reaches the "
            "address acts as anybody: it is for test people only."
        ),
        (
            "Mail is taken over STARTTLS alone with `--tls-cert`, from operators who show a "
            "certificate of their domain alone with `--client-ca`. It never leaves by the names of "
            "domains: by `--relay`, or not at all."
        ),
        (
            "`--impostor` needs `--sandbox`: the server then breaks one requirement, or varies one "
            "thing that a text leaves free, and is otherwise the reference. Names and stories: "
            "`etalon_conformance/data/impostors.csv` and `variants.csv`."
        ),
        (
            "Exit code 2: a port that is taken, a file that is missing or cannot be read, a "
            "directory that is in use, damaged, or made by another version, vintage or seed."
        ),
    ),
)
