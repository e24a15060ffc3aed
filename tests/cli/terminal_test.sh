#!/usr/bin/env bash
# Goal: on a terminal the tools ask for what is missing and for nothing else. Each group of a licence key is checked as it is
# typed, passphrases are not echoed, and the desk shows what is asked before it asks for a yes.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

/usr/bin/python3 -c 'import pty; pty.openpty()' 2>/dev/null || cannot "a terminal needs /dev/pts"

# What nobody types may not be asked for: a question without an answer ends the conversation, and the test.
cat >talk.py <<'PY'
import os, pty, select, sys, termios, time

class Talk:
    """A conversation with a tool on a terminal of its own."""

    def __init__(self, *words):
        self.words, self.heard, self.at = words, "", 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvp(words[0], words)

    def fail(self, why):
        os.kill(self.pid, 9)
        sys.exit(f"FAILED: {' '.join(self.words)}: {why}; heard:\n{self.heard}")

    def listen(self):
        ready, _, _ = select.select([self.terminal], [], [], 60)
        if not ready:
            self.fail("silence")
        try:
            some = os.read(self.terminal, 4096)
        except OSError:  # the other end has closed
            some = b""
        self.heard += some.decode("utf-8", "replace").replace("\r", "")
        return bool(some)

    def hears(self, text):
        while text not in self.heard[self.at:]:
            if not self.listen():
                self.fail(f"it ended without saying {text!r}")
        self.at = self.heard.index(text, self.at) + len(text)

    def says(self, text):
        os.write(self.terminal, text.encode() + b"\n")

    def secretly(self, text):
        while termios.tcgetattr(self.terminal)[3] & termios.ECHO:
            time.sleep(0.01)
        self.says(text)

    def ends(self, code):
        while self.listen():
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if status != code:
            self.fail(f"exit {status}, expected {code}")
        return self.heard
PY

# A desk whose keys ask for their passphrases: three roots, the sealing key, the issuer key.
cat >desk.py <<'PY'
import re, sys
from talk import Talk
talk = Talk("oak-issuer", "--desk", "desk", "init")
secret = "not to be seen"
for _ in range(5):
    talk.hears("New passphrase for key ")
    talk.secretly(secret)
    talk.hears("The same again: ")
    talk.secretly(secret)
if secret in talk.ends(0):
    sys.exit("FAILED: a passphrase was echoed")
talk = Talk("oak-issuer", "--desk", "desk", "licence", "add", "--customer", "Example", "--product", "planner",
            "--seats", "1", "--versions", "3.*", "--json")
talk.hears("Passphrase of key ")
talk.secretly("wrong")
talk.hears("Passphrase of key ")
talk.secretly(secret)
heard = talk.ends(0)
open("desk.key", "w").write(re.search(r'"licence_key": "([A-Z2-7-]+)"', heard).group(1))
PY
/usr/bin/python3 desk.py || die "desk"

# A signal at a passphrase prompt ends the tool as it would end any other, and the terminal has its echo back.
cat >signals.py <<'PY'
import os, signal, sys, termios
from talk import Talk
for number, send in ((signal.SIGINT, lambda talk: os.write(talk.terminal, b"\x03")), (signal.SIGTERM, lambda talk: os.kill(talk.pid, signal.SIGTERM))):
    talk = Talk("oak-issuer", "--desk", "desk", "licence", "key", "ID")
    talk.hears("Passphrase of key ")
    while termios.tcgetattr(talk.terminal)[3] & termios.ECHO:
        pass
    send(talk)
    _, status = os.waitpid(talk.pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != number:
        sys.exit(f"FAILED: signal {number} did not end the tool: {status}")
    if not termios.tcgetattr(talk.terminal)[3] & termios.ECHO:
        sys.exit(f"FAILED: signal {number} left the terminal without echo")
PY
/usr/bin/python3 signals.py || die "signals"

# The site admin: the key, group by group, and a label; nothing else. A wrong group is asked again at once.
cat >site.py <<'PY'
from talk import Talk
key = open("desk.key").read().strip()
*first, g1, g2, g3, g4, g5 = key.split("-")
talk = Talk("oak-request", "create", "--product", "planner", "--version", "3.5", "--state-dir", "machine", "--out", "request.oak")
talk.hears("before the five groups")
talk.says("-".join(first))
for number, group in enumerate((g1, g2, g3, g4, g5), 1):
    talk.hears(f"group {number} of 5: ")
    if number == 2:
        talk.says(("B" if group[0] == "A" else "A") + group[1:])
        talk.hears("type it again")
        talk.hears("group 2 of 5: ")
    talk.says(group.lower())
talk.hears("label for this site")
talk.says("Dock 4")
talk.hears("Next:")
talk.hears("1. ")
talk.hears("2. ")
talk.ends(0)

# With an activation's key in place nobody is asked for the licence key again; the whole key may be pasted, too.
talk = Talk("oak-request", "create", "--product", "planner", "--version", "3.5", "--state-dir", "other", "--out", "pasted.oak")
talk.hears("before the five groups")
talk.says(key)
talk.hears("label for this site")
talk.says("")
talk.ends(0)
PY
/usr/bin/python3 site.py || die "site"
gives 0 oak-request show request.oak --json
is site 'Dock 4'

# Without a product and a version they are asked for; in a script their absence is an error that names them.
cat >asked.py <<'PY'
from talk import Talk
key = open("desk.key").read().strip()
talk = Talk("oak-request", "create", "--state-dir", "third", "--out", "asked.oak")
talk.hears("Product")
talk.says("no such name")
talk.hears("Product")
talk.says("planner")
talk.hears("Version of planner")
talk.says("three")
talk.hears("Version of planner")
talk.says("3.5")
talk.hears("before the five groups")
talk.says(key)
talk.hears("label for this site")
talk.says("")
talk.ends(0)
PY
if [ ! -d /etc/oak/trust ]; then /usr/bin/python3 asked.py || die "product and version"; fi
refuses 2 oak-request create --state-dir third --out unasked.oak
complains "--product is missing"
refuses 2 oak-request create --product planner --state-dir third --out unasked.oak
complains "--version is missing"

# The desk: the page, the policy, the phone groups, then the question. No is no, and leaves nothing.
cat >issue.py <<'PY'
import sys
from talk import Talk
answer, code = sys.argv[1:3]
talk = Talk("oak-issuer", "--desk", "desk", "issue", "request.oak", *sys.argv[3:])
talk.hears("Passphrase of key ")
talk.secretly("not to be seen")
talk.hears("product          planner")
talk.hears("over the phone")
talk.hears("[y/N] ")
talk.says(answer)
talk.ends(int(code))
PY
# Meanwhile nobody waits: another command writes at the desk while the question stands.
cat >meanwhile.py <<'PY'
import subprocess, sys
from talk import Talk
talk = Talk("oak-issuer", "--desk", "desk", "issue", "request.oak", *sys.argv[1:])
talk.hears("Passphrase of key ")
talk.secretly("not to be seen")
talk.hears("[y/N] ")
for words in (["list"], ["product", "change", "planner", "--grace", "3"]):
    subprocess.run(["oak-issuer", "--desk", "desk", *words], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=8)
talk.says("n")
talk.ends(1)
PY
/usr/bin/python3 meanwhile.py "${approved[@]}" || die "issue, meanwhile"
/usr/bin/python3 issue.py n 1 "${approved[@]}" || die "issue, answered no"
[ -z "$(find . -name '*.activation.oak')" ] || die "an activation was written after a no"
/usr/bin/python3 issue.py y 0 "${approved[@]}" || die "issue, answered yes"
[ -s request.activation.oak ] || [ -s request.oak.activation.oak ] || die "no activation after a yes: $(ls)"

# Giving back asks for the product's name, and says before what will end; the second time there is nothing to ask.
cat >give_back.py <<'PY'
import sys
from talk import Talk
answer, code = sys.argv[1:3]
talk = Talk("oak-request", "return", "--product", "planner", "--state-dir", "machine", *sys.argv[3:])
if answer:
    talk.hears("at once and for good")
    talk.hears("type the product's name: ")
    talk.says(answer)
talk.ends(int(code))
PY
echo 'not to be seen' >typed-passphrase
gives 0 oak-issuer --desk desk --passphrase-file typed-passphrase trust --out desk.trust
gives 0 oak-request import --state-dir machine --trust desk.trust request*.activation.oak
/usr/bin/python3 give_back.py plnner 1 --trust desk.trust --out receipt.oak || die "return, another name"
[ ! -e receipt.oak ] || die "a receipt was written after the wrong name"
gives 0 oak-verifier check --product planner --version 3.5 --state-dir machine --trust desk.trust
/usr/bin/python3 give_back.py planner 0 --trust desk.trust --out receipt.oak || die "return, the right name"
/usr/bin/python3 give_back.py '' 0 --trust desk.trust --out again.oak || die "return, again"
cmp receipt.oak again.oak || die "the second receipt has other bytes"
passed
