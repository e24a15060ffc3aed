#!/usr/bin/env bash
# Goal: the desk's server gives certificates only, with a key that may sign nothing else, beside an operator's commands; an answer is on disk
# before it leaves, and a lost one comes again to the byte; abuse of every kind is refused with a reason, and the service still answers.
# And the site believes no server: what is not the vendor's answer to this machine changes nothing.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
first_port=18543
# shellcheck source=SCRIPTDIR/certificates.sh
. "$PROJECT/tests/cli/certificates.sh"

at $start
gives 0 desk init --roots 3 --threshold 2
gives 0 desk trust --out desk.trust
sell() { # sell ID [OPTIONS...]: ID.key
  gives 0 desk licence add --customer Example --product planner --seats 9 --versions '3.*' --id "$1" --allow vm,container --json "${@:2}"
  value licence_key >"$1.key"
}
sell ONE

# It does not start with a key that may sign permanent activations, and names the command that makes another one.
refuses 1 desk serve --listen 127.0.0.1:"$port"
complains 'no issuer key that may sign certificates only'
complains '^hint: oak-issuer key certify --kinds certificate'
refuses 1 desk serve --listen 127.0.0.1:"$port" --issuer issuer-1
complains "'issuer-1' may sign permanent activations"
server_key
refuses 2 desk serve --listen nonsense
refuses 2 desk serve --listen 0.0.0.0:"$port" --plain
refuses 2 desk serve --listen 127.0.0.1:"$port" --tls-cert some.pem
refuses 1 desk serve --listen 127.0.0.1:"$port" --days 31
complains 'at most 30 days'
refuses 2 oak-issuer --desk desk serve --listen 127.0.0.1:"$port"
complains 'passphrase'
# An operator's issue goes on with the key that may do both.
gives 0 site 9 oak-request create --product planner --version 3.5 --licence-key-file ONE.key --state-dir s9 --out nine.oak
gives 0 desk issue nine.oak --out nine.activation.oak --json
is kind permanent

serve --days 30
# Wrong servers, first: another key, no authority, a server without TLS, one that is not there.
refuses 2 refresh 1 --licence-key-file ONE.key --version 3.5 --server-key "$(tr 0-9a-f 1-9a-f0 <<<"$pin")"
right=$pin
pin=$(/usr/bin/python3 - <<'PY'
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
print(Ed25519PrivateKey.from_private_bytes(b"7" * 32).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex())
PY
)
refuses 2 refresh 1 --licence-key-file ONE.key --version 3.5
complains 'another server answers'
pin=
refuses 2 refresh 1 --licence-key-file ONE.key --version 3.5
complains 'another server answers'
refuses 2 refresh 1 --server-key nonsense
url=http://192.0.2.1:80 refuses 2 refresh 1
pin=$right
url=https://127.0.0.1:1 gives 0 refresh 1 --licence-key-file ONE.key --version 3.5
if [ -s out.txt ] || [ -s err.txt ]; then die "not quiet without a server"; fi
url=https://no-such-host.invalid gives 0 refresh 1 --licence-key-file ONE.key --version 3.5 --verbose
complains 'does not answer'

gives 0 refresh 1 --licence-key-file ONE.key --version 3.5 --json
is results.0.result stored
is results.0.activation.kind certificate
grep -q "issued .*, generation 2, until .*; licence ONE, product planner, request .*, from 127.0.0.1" server.log || die "the log lacks a line: $(cat server.log)"
gives 0 desk list --json
is 0.operator serve
is 0.kind certificate
# The operator works beside it.
sell TWO
gives 0 desk licence change ONE --seats 8
gives 0 desk show "$(gives 0 desk list --json && value 0.activation)"

# Killed before its answer leaves, which is on disk by then: the same request gets the same bytes.
cat >kill_before_answer.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  for (size_t i = 0; i < message->msg_iovlen; ++i)
    if (message->msg_iov[i].iov_len >= 12 && memcmp(message->msg_iov[i].iov_base, "HTTP/1.1 200", 12) == 0) kill(getpid(), SIGKILL);
  return ((ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg"))(fd, message, flags);
}
C
cc -shared -fPIC kill_before_answer.c -o kill_before_answer.so -ldl
entries() { gives 0 desk list --json && grep -o '"activation"' out.txt | wc -l; }
at $((start + 17 * day))
before=$(entries)
preloaded=$here/kill_before_answer.so serve --plain
url=http://127.0.0.1:$port pin=
gives 0 refresh 1 --json
is results.0.result no-answer
code=0
wait "$server" || code=$?
[ "$code" -eq 137 ] || die "the server was to be killed, and exits $code"
server=
[ "$(entries)" -eq $((before + 1)) ] || die "the answer was not on disk"
gives 0 desk list --json
lost=$(value 0.activation)
gives 0 refresh 1 --json
is results.0.result no-answer # nobody is there
cp s1/planner/renewal-ONE.oak asked.oak
serve --plain
gives 0 refresh 1 --json
is results.0.result stored
is results.0.activation.id "$lost"
[ "$(entries)" -eq $((before + 1)) ] || die "the repeated request was recorded again"
grep -q 'repeated' server.log || die "the log does not say that it was a repeat"
[ ! -e s1/planner/renewal-ONE.oak ] || die "the request was kept after its answer was stored"
gives 0 desk export "$lost" --out exported.oak
same=
for file in s1/planner/activation-*.oak; do ! cmp -s <(grep -v '^#' exported.oak) "$file" || same=$file; done
[ -n "$same" ] || die "other bytes than the ledger's"
# Even where the site has forgotten what it asked.
at $((start + 34 * day))
stop
preloaded=$here/kill_before_answer.so serve --plain
gives 0 refresh 1
gives 0 desk list --json
lost=$(value 0.activation)
rm s1/planner/renewal-ONE.oak
serve --plain
gives 0 refresh 1 --json
is results.0.activation.id "$lost"
gives 0 desk audit

# Abuse, by a peer that keeps to no rules.
gives 0 oak-request show asked.oak
cat >abuse.py <<'PY'
import base64, http.client, json, socket, sys, time
port = int(sys.argv[1])

def ask(method, path, body=None, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()

def refused(method, path, body, status, code, headers={}):
    got, fields, text = ask(method, path, body, headers)
    assert got == status, (method, path, got, text)
    answer = json.loads(text)
    assert answer["error"] == code and answer["message"], (path, answer)
    return fields, answer

def document(name):
    lines = [line for line in open(name).read().split("\n") if line and line[0] not in "#-"]
    text = "".join(lines)
    return base64.b32decode(text + "=" * (-len(text) % 8))

here = "/v1/certificate"
fields, _ = refused("GET", here, None, 405, "method-not-allowed")
assert fields["Allow"] == "POST"
refused("PUT", here, b"x", 405, "method-not-allowed")
for path in "/", "/v1/certificates", "/../../etc/passwd", "/v1/certificate/", "/%00": refused("POST", path, b"x", 404, "not-found")
refused("POST", here, b"", 400, "empty-input")
refused("POST", here, b"garbage" * 100, 400, "bad-envelope")
assert ask("POST", here, b"\xd2" + b"\x9f" * 60000)[0] == 400
good = document("asked.oak")
for at in range(0, len(good), 97):
    broken = bytearray(good)
    broken[at] ^= 1
    assert ask("POST", here, bytes(broken))[0] in (400, 403), at
refused("POST", here, document("nine.activation.oak"), 400, "wrong-type")
# A request whose answer was superseded is refused by name, with what helps.
_, answer = refused("POST", here, good, 403, "refused")
assert [one["code"] for one in answer["refused"]] == ["answer-no-longer-live"], answer
assert "oak-request refresh" in answer["refused"][0]["remedy"]
# Strangers learn nothing: an unknown licence, and a known one without its key.
told = []
for name in "unknown.oak", "keyless.oak":
    _, answer = refused("POST", here, document(name), 403, "refused")
    assert [one["code"] for one in answer["refused"]] == ["wrong-licence-key"], answer
    told.append(answer)
assert told[0] == told[1]
_, answer = refused("POST", here, document("other.oak"), 403, "refused")
assert [one["code"] for one in answer["refused"]] == ["wrong-product"], answer
assert not any("oak-issuer" in one["remedy"] + one["message"] for one in answer["refused"])
# What is permanent at the desk is not handed out here, nor put aside for a certificate.
_, answer = refused("POST", here, document("nine.oak"), 403, "refused")
assert [one["code"] for one in answer["refused"]] == ["issuer-not-allowed"], answer
_, answer = refused("POST", here, document("nine-again.oak"), 403, "refused")
assert [one["code"] for one in answer["refused"]] == ["needs-receipt"], answer

# Five megabytes, declared and in chunks, and a header without end.
refused("POST", here, b"x" * 70000, 413, "too-large")
for head in b"Content-Length: 5000000", b"Transfer-Encoding: chunked":
    peer = socket.create_connection(("127.0.0.1", port), timeout=30)
    peer.sendall(b"POST /v1/certificate HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
    try:
        for _ in range(80):
            peer.sendall((b"10000\r\n" if b"chunked" in head else b"") + b"y" * 65536 + (b"\r\n" if b"chunked" in head else b""))
    except OSError:
        pass  # it was told by then
    try:
        first = peer.recv(64)
    except OSError:
        first = b"HTTP/1.1 413"
    assert b"413" in first, first
peer = socket.create_connection(("127.0.0.1", port), timeout=30)
try:
    peer.sendall(b"POST /v1/certificate HTTP/1.1\r\n" + b"X-A: " + b"z" * 20000)
    assert b"413" in peer.recv(64) or True
except OSError:
    pass
# Many that begin and don't go on, and one that speaks no HTTP: others are answered meanwhile.
slow = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(200)]
for peer in slow: peer.sendall(b"POST /v1/certificate HTTP/1.1\r\nHost:")
peer = socket.create_connection(("127.0.0.1", port), timeout=30)
peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 60 + b"\r\n\r\n")
refused("POST", here, b"garbage", 400, "bad-envelope")
for peer in slow: peer.sendall(b" x")
refused("GET", "/", None, 404, "not-found")
PY
gives 0 site 8 oak-request create --product planner --version 3.5 --licence-key-file TWO.key --state-dir s8 --out with.oak
gives 0 site 7 oak-request create --product other --version 3.5 --licence-key-file TWO.key --state-dir s7 --out other.oak
# A second desk sells a licence of an id that this one doesn't know, and one of an id that it knows.
gives 0 timed oak-issuer --desk desk2 --passphrase-file passphrase init --roots 1 --threshold 1
for id in TWO NONE; do
  gives 0 timed oak-issuer --desk desk2 --passphrase-file passphrase licence add --customer X --product planner --seats 9 --versions '3.*' --id $id --json
  value licence_key >$id.2.key
done
gives 0 site 8 oak-request create --product planner --version 3.5 --licence-key-file NONE.2.key --state-dir s8b --out unknown.oak
gives 0 site 8 oak-request create --product planner --version 3.5 --licence-key-file TWO.2.key --state-dir s8c --out keyless.oak
gives 0 site 9 oak-request import nine.activation.oak --state-dir s9 --trust desk.trust
gives 0 site 9 oak-request create --product planner --version 3.5 --state-dir s9 --out nine-again.oak
gives 0 /usr/bin/python3 abuse.py "$port"
! grep -q 'oak-issuer: error' server.log || die "the server complains: $(cat server.log)"
gives 0 refresh 2 --licence-key-file TWO.key --version 3.5 --json
is results.0.result stored
gives 0 desk audit

# Too many from one address: told when to come again. With TLS, where addresses count.
stop
serve --per-minute 3
cat >many.py <<'PY'
import http.client, ssl, sys
context = ssl._create_unverified_context()
for i in range(5):
    connection = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), timeout=30, context=context)
    connection.request("POST", "/v1/certificate", b"garbage")
    answer = connection.getresponse()
    text = answer.read()
    print(answer.status, answer.getheader("Retry-After"), text)
    assert answer.status == (400 if i < 3 else 429), (i, answer.status)
    assert (answer.getheader("Retry-After") is None) == (i < 3)
PY
at $((start + 51 * day))
gives 0 /usr/bin/python3 many.py "$port"
url=https://127.0.0.1:$port
gives 0 refresh 1 --verbose
complains 'the server answers 429'

# Stopped by a signal it ends well; a second one at the same desk is fine, and the lock is free.
kill -TERM "$server"
code=0
wait "$server" || code=$?
[ "$code" -eq 0 ] || die "stopped by a signal, it exits $code"
server=
grep -q 'stopped' server.log || die "it does not say that it stops"

# A server with a name that an authority vouches for.
cat >certificate.py <<'PY'
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
begin = datetime.datetime(2020, 1, 1)
made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(sys.argv[1]))]), critical=False)
        .sign(key, hashes.SHA256()))
open(sys.argv[2] + ".pem", "wb").write(made.public_bytes(serialization.Encoding.PEM))
open(sys.argv[2] + ".key.pem", "wb").write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
PY
gives 0 /usr/bin/python3 certificate.py 127.0.0.1 named
gives 0 /usr/bin/python3 certificate.py 127.0.0.2 mistaken
pin=
serve --tls-cert mistaken.pem --tls-key mistaken.key.pem
refuses 2 refresh 1 --server-cert mistaken.pem
complains 'another server answers'
refuses 1 desk serve --listen 127.0.0.1:"$((port + 100))" --tls-cert named.pem --tls-key mistaken.key.pem
serve --tls-cert named.pem --tls-key named.key.pem
refuses 2 refresh 1 --server-cert mistaken.pem
refuses 2 refresh 1
gives 0 refresh 1 --server-cert named.pem --json
is results.0.result stored

# By way of a proxy that makes tunnels; and one that makes none is as no network.
cat >proxy.py <<'PY'
import select, socket, sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
while True:
    peer, _ = listening.accept()
    head = b""
    while b"\r\n\r\n" not in head: head += peer.recv(4096)
    print(head.split(b"\r\n")[0].decode(), flush=True)
    if sys.argv[2] == "none":
        peer.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        peer.close()
        continue
    host, port = head.split()[1].decode().rsplit(":", 1)
    server = socket.create_connection((host, int(port)))
    peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    ends = {peer: server, server: peer}
    while ends:
        for end in select.select(list(ends), [], [])[0]:
            some = end.recv(65536)
            if some: ends[end].sendall(some)
            else: ends = {}; break
    peer.close(); server.close()
PY
at $((start + 68 * day))
between=$(free_port $((port + 30)))
for kind in none tunnel; do
  /usr/bin/python3 proxy.py "$between" $kind >proxy.out 2>proxy.err </dev/null &
  proxy=$!
  for _ in $(seq 200); do
    ! grep -q ready proxy.out || break
    sleep 0.05
  done
  gives 0 refresh 1 --server-cert named.pem --proxy http://127.0.0.1:"$between" --verbose --json
  kill -9 $proxy
  wait $proxy 2>/dev/null || true
  grep -q "^CONNECT 127.0.0.1:$port " proxy.out || die "the proxy was not asked: $(cat proxy.out proxy.err)"
  if [ $kind = none ]; then is results.0.result no-answer && complains 'answers 407'; else is results.0.result stored; fi
  between=$((between + 1))
done
refuses 2 refresh 1 --server-cert named.pem --proxy socks5://127.0.0.1:1

# The key is taken from it while it runs, by the roots: nothing more is signed with it.
at $((start + 85 * day))
gives 0 desk key revoke issuer-2 --out revoke-0.oak
gives 0 desk key sign revoke-0.oak --root-dir desk/roots/1 --out revoke-1.oak
gives 0 desk key sign revoke-1.oak --root-dir desk/roots/2 --out revoke-2.oak
gives 0 desk key import revoke-2.oak
gives 0 refresh 1 --server-cert named.pem --verbose
complains 'the server answers 503'
grep -q 'not available: ' server.log || die "the log does not say why"
stop

# Servers that lie: nothing of the state changes but the request that is kept.
server_key
serve --days 30
url=https://127.0.0.1:$port
gives 0 refresh 3 --licence-key-file TWO.key --version 3.5
cp s3/planner/activation-*.oak first.oak
at $((start + 102 * day))
gives 0 refresh 3 --json
is results.0.result stored
stop
lying=$(free_port $((port + 1)))
cat >liar.py <<'PY'
import base64, http.server, sys, time
what = sys.argv[2]

def document(name):
    text = "".join(line for line in open(name).read().split("\n") if line and line[0] not in "#-")
    return base64.b32decode(text + "=" * (-len(text) % 8))

class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *ignored): pass
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if what.endswith(".oak"): status, body = 200, document(what)
        elif what == "garbage": status, body = 200, b"<html>pay for the network</html>"
        elif what == "empty": status, body = 200, b""
        elif what == "large": status, body = 200, b"\xd2" * 5_000_000
        elif what == "redirect": status, body = 302, b""
        elif what == "error": status, body = 500, b"oops"
        elif what == "hostile": status, body = 403, b'{"error": "refused", "refused": [{"code": "\\u001b[2J", "message": "\\u001b]0;x\\u0007", "remedy": ["no"]}]}'
        elif what == "deep": status, body = 403, b"[" * 60000
        elif what == "slow":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            time.sleep(60)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302: self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        try: self.wfile.write(body)
        except OSError: pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Liar)
print("ready", flush=True)
server.serve_forever()
PY
liar=
lies() { # lies WHAT EXIT [PATTERN]
  : >liar.out
  /usr/bin/python3 liar.py "$lying" "$1" >liar.out 2>&1 </dev/null &
  liar=$!
  for _ in $(seq 200); do
    ! grep -q ready liar.out || break
    sleep 0.05
  done
  url=http://127.0.0.1:$lying pin='' gives "$2" refresh 3 --json
  [ -z "${3:-}" ] || complains "$3"
  ! grep -qP '\x1b' err.txt || die "$1: hostile text reaches the terminal"
  kill -9 "$liar"
  wait "$liar" 2>/dev/null || true
  verdict 3 active
}
at $((start + 119 * day))
url=https://127.0.0.1:1 gives 0 refresh 3
verdict 3 active
remember s3
gives 0 oak-request show nine.oak
for lie in "garbage 2" "empty 2" "large 2" "redirect 2" "error 0" "hostile 1" "deep 2" "slow 0"; do
  # shellcheck disable=SC2086  # two words
  lies $lie
  nothing_changed "a server that answers with ${lie% *}"
done
lies nine.activation.oak 2 'no certificate for this machine'
lies first.oak 2 'not newer than the certificate that is here'
lies nine.oak 2 # a request
nothing_changed "wrong documents"
# Another vendor's answer, and another machine's.
gives 0 timed oak-issuer --desk desk2 --passphrase-file passphrase issue keyless.oak --days 30 --out foreign.oak --approve weak,not-allowed-here --reason test
lies foreign.oak 2
cp s2/planner/activation-*.oak another.oak
lies another.oak 2 'no certificate for this machine'
nothing_changed "foreign documents"

# And the right one is as good as ever.
serve --days 30
gives 0 refresh 3 --json
is results.0.result stored
gives 0 desk audit
passed
