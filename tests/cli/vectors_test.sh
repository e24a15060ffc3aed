#!/usr/bin/env bash
# Goal: what the test vectors say of a document, the tools say too: each bad one is refused with exit 1, the sidecar's code,
# its name and a remedy, and nothing is stored; each good request is shown.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

/usr/bin/python3 - "$PROJECT/tests/vectors" <<'PY'
import json, pathlib, subprocess, sys

vectors = pathlib.Path(sys.argv[1])
good_trust = vectors / "trust/two-of-three.oak"
good_activation = vectors / "activation/permanent.oak"
checked = wrong = 0

# Where a tool can't ask the sidecar's question. Which product a bulletin or an activation is for decides whose trust
# judges it, so install reads the product first and finds that there is none.
other_question = {"bulletin/is-activation": None, "bulletin/relabelled-activation": "missing-field"}

def run(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")

def expect(name, expected, done):
    """The code named by the sidecar, exit 1, the file's name and a hint."""
    global checked, wrong
    checked += 1
    try:
        error = json.loads(done.stdout)["error"]
    except (ValueError, KeyError):
        error = {}
    fine = done.returncode == 1 and error.get("code") == expected and name in error.get("message", "") and error.get("hint")
    if not fine:
        wrong += 1
        print(f"{name}: expected {expected}, got exit {done.returncode} {done.stdout.strip()} {done.stderr.strip()}")

for folder in ("activation", "bulletin", "request", "trust"):
    for sidecar in sorted((vectors / folder).glob("*.json")):
        says = json.loads(sidecar.read_text())
        file = sidecar.with_suffix(".oak")
        if not file.exists() or says["open"] != folder:
            continue
        code = other_question.get(f"{folder}/{sidecar.stem}", says["error"])
        if folder == "request":
            shown = run("oak-request", "show", str(file), "--json")
            # The proof is the desk's to check: it alone has the licence key. Another kind of document is shown as what it is.
            if code in (None, "wrong-proof", "wrong-type"):
                checked += 1
                if shown.returncode != 0:
                    wrong += 1
                    print(f"{file}: not shown: {shown.stderr}")
            else:
                expect(str(file), code, shown)
        elif code in (None, "wrong-product"):
            continue  # a machine that fits would be needed; nobody named another product
        elif folder == "trust":
            expect(str(file), code,
                   run("oak-verifier", "install", "--json", "--state-dir", "state", "--trust", str(file), str(good_activation)))
        else:
            trust = vectors / says["trust"]
            expect(str(file), code,
                   run("oak-verifier", "install", "--json", "--state-dir", "state", "--trust", str(trust), str(file)))

stored = [str(path) for path in pathlib.Path("state").rglob("*.oak")]
if stored:
    print("stored in spite of all:", stored)
print(checked, "vectors tried")
sys.exit(bool(wrong or stored or checked < 200))
PY
