"""Peers that keep to no rules, on a real seat server: abuse.py PORT STATE-DIR. The state is of an enrolled computer that nobody else uses.

Each trick must be refused with a reason or cut off, and the server must go on answering the computers that keep to the rules.
"""
import datetime, json, os, socket, ssl, sys, tempfile, threading, time
import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

port, state = int(sys.argv[1]), sys.argv[2]
folder = tempfile.mkdtemp()
NO_END = datetime.datetime(9999, 12, 31, 23, 59, 59)
done = 0


def certificate(name, key, end=NO_END):
    """A file with a key and a certificate that it signs for itself."""
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "oak")])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    made = x509.CertificateBuilder(who, who, key.public_key(), 1, datetime.datetime(1970, 1, 1), end).sign(key, digest)
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        file.write(made.public_bytes(serialization.Encoding.PEM))
    return path


with open(f"{state}/planner/seat/computer.key", "rb") as file:
    seed = cbor2.loads(file.read())[2]
own_key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
own = certificate("own", own_key)


def dial(path=own, newest=ssl.TLSVersion.TLSv1_3, oldest=ssl.TLSVersion.TLSv1_2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = newest
    context.minimum_version = oldest
    if path:
        context.load_cert_chain(path)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60))


def everything(connection):
    """All that comes until the other end closes."""
    out = b""
    try:
        while part := connection.recv(65536):
            out += part
    except (ssl.SSLError, ConnectionError):
        pass
    return out


def says(text, path=own):
    """What a server says to raw bytes of a request; b"" where it just closes."""
    with dial(path) as connection:
        try:
            connection.sendall(text.encode("latin-1") if isinstance(text, str) else text)
        except (ssl.SSLError, ConnectionError):
            pass
        return everything(connection)


def request(body, path="/v1/heartbeat", method="POST", headers="", close=True):
    if isinstance(body, dict):
        body = json.dumps(body)
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{headers}{'Connection: close' if close else 'X: y'}\r\n\r\n{body}"


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def must(condition, what, answer=b""):
    global done
    done += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}: {answer[:300]!r}")


def nonce(number):
    return {"token": None, "nonce": f"{number:032x}"}


def still_answers(after):
    answer = says(request(b"".decode(), "/v1/status", "GET"))
    must(status_of(answer) == 200 and b'"seats"' in answer, f"the server does not answer after {after}", answer)


def certificates():
    strange = ed25519.Ed25519PrivateKey.generate()
    for what, path in {
        "no certificate": None,
        "a key that nobody enrolled": certificate("strange", strange),
        "an RSA key": certificate("rsa", rsa.generate_private_key(65537, 2048)),
        "a key on P-256": certificate("curve", ec.generate_private_key(ec.SECP256R1())),
    }.items():
        try:
            answer = says(request(nonce(1)), path)
        except (ssl.SSLError, ConnectionError):
            answer = b""  # not even a handshake
        must(status_of(answer) in (0, 401) and b'"held"' not in answer, what, answer)
        if path is None or "strange" in path:
            must(b"not-enrolled" in answer, f"{what} has no reason", answer)
    for what, end in {"ended": datetime.datetime(2025, 1, 1), "ends": datetime.datetime(2099, 1, 1)}.items():
        try:
            answer = says(request(nonce(1)), certificate(what, own_key, end))
        except (ssl.SSLError, ConnectionError):
            answer = b""
        must(answer == b"", f"a certificate of a known key that {what}", answer)
    still_answers("wrong certificates")


def protocols():
    for newest in (ssl.TLSVersion.TLSv1_2,):
        try:
            dial(newest=newest, oldest=newest).close()
            must(False, f"{newest} is spoken")
        except (ssl.SSLError, ConnectionError):
            must(True, "")
    junk = {
        "plain HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "nothing of TLS": os.urandom(4096),
        "half a hello": bytes.fromhex("16030100fa010000f60303") + bytes(40),
        "a record that is too long": bytes.fromhex("160301ffff") + bytes(70000),
        "a fatal alert": bytes.fromhex("15030100020228"),
        "early data without a session": bytes.fromhex("1703030020") + os.urandom(32),
        "a change of ciphers, a hundred times": bytes.fromhex("140303000101") * 100,
    }
    for what, text in junk.items():
        with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
            try:
                raw.sendall(text)
                raw.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            answer = everything(raw)
        must(b"HTTP/1.1 2" not in answer, what, answer)
    with dial() as connection:  # junk where the handshake is over
        raw = socket.socket(fileno=os.dup(connection.fileno()))
        raw.sendall(os.urandom(500))
        must(b"HTTP/1.1 2" not in everything(connection), "junk inside of a session")
        raw.close()
    still_answers("junk")


def sizes():
    must(status_of(says(request(nonce(1), headers="X: " + "a" * 20_000 + "\r\n"))) == 413, "a header of 20,000 bytes")
    must(status_of(says(request(nonce(1), path="/" + "a" * 20_000))) == 413, "a path of 20,000 bytes")
    must(status_of(says("POST /v1/acquire HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")) == 413, "5 MB announced")
    with dial() as connection:
        connection.sendall(b"POST /v1/acquire HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < 5_000_000:
                connection.sendall(b"1000\r\n" + b"c" * 4096 + b"\r\n")
                sent += 4096
        except (ssl.SSLError, ConnectionError):
            pass
        answer = everything(connection)
        must(b'"held"' not in answer and (status_of(answer) == 413 or sent < 5_000_000), f"5 MB in chunks, {sent} of them taken", answer)
    for what, chunks in {
        "a chunk of a size that no number holds": "FFFFFFFFFFFFFFFFF\r\n",
        "a chunk of negative size": "-1\r\n",
        "a chunk without a size": "\r\n\r\n",
        "an endless extension": "5;" + "x" * 100_000,
        "endless trailers": "0\r\n" + "X: y\r\n" * 50_000,
    }.items():
        answer = says("POST /v1/acquire HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        must(status_of(answer) in (0, 400, 413), what, answer)
    for what, body in {"nested": "[" * 65_000, "nested, and ended": "[" * 32_000 + "]" * 32_000, "objects": '{"a":' * 10_000 + "1" + "}" * 10_000}.items():
        for path in ("/v1/heartbeat", "/v1/enrol"):
            must(status_of(says(request(body, path))) == 400, f"JSON that is {what} to {path}")
    for what, body in {
        "no JSON": "hello", "nothing": "", "an array": "[]", "a number": "7", "a token of a wrong length": {"token": "00", "nonce": "0" * 32},
        "no nonce": {"token": None}, "a nonce in capitals": {"token": None, "nonce": "A" * 32}, "days below none": {**nonce(1), "days": -1},
        "days without end": {**nonce(1), "days": 10**30}, "half a day": {**nonce(1), "days": 0.5}, "bytes that are no text": '{"token": null, "nonce": "\xff\xfe"}',
    }.items():
        answer = says(request(body))
        must(status_of(answer) == 400 and b"bad-request" in answer, what, answer)
    still_answers("too much and too little")


def shapes():
    body = json.dumps(nonce(1))
    second = "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    tricks = {
        "a length and chunks": f"Content-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}",
        "chunks and a length": f"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{second}",
        "two lengths": f"Content-Length: 0\r\nContent-Length: {len(second)}\r\n\r\n{second}",
        "a length below none": f"Content-Length: -1\r\n\r\n{second}",
        "a length with a sign": f"Content-Length: +5\r\n\r\n{second}",
        "a length in hexadecimal": f"Content-Length: 0x5\r\n\r\n{second}",
        "a length beyond numbers": f"Content-Length: 99999999999999999999999\r\n\r\n{second}",
        "a space before the colon": f"Content-Length : 5\r\n\r\n{second}",
        "another coding": f"Transfer-Encoding: gzip, chunked, identity\r\nContent-Length: 0\r\n\r\n{second}",
        "a coding with a tab": f"Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n{second}",
        "a control character in a name": f"X\x01: y\r\nContent-Length: 0\r\n\r\n{second}",
        "a NUL in a value": f"X: y\x00z\r\nContent-Length: 0\r\n\r\n{second}",
        "a line that goes on": f"X: y\r\n z\r\nContent-Length: 3\r\n Content-Length: 0\r\n\r\n{second}",
        "lines without a return": f"Content-Length: 0\n\n{second}",
    }
    for what, rest in tricks.items():
        answer = says(f"POST /v1/heartbeat HTTP/1.1\r\nHost: x\r\n{rest}")
        must(b'"seats"' not in answer and b'"held"' not in answer and answer.count(b"Cache-Control: ") <= 1, f"what hides behind {what}", answer)
    for line in ("/v1/../v1/heartbeat", "//v1/heartbeat", "/v1/heartbeat/", "/v1//heartbeat", "/v1/%68eartbeat", "/V1/heartbeat", "/v1/heartbeat%00", "/v1/heartbeat;x",
                 "http://x/v1/heartbeat", "*", "/v1\\heartbeat", "v1/heartbeat", "/../../etc/passwd", "/.", ""):
        answer = says(request(nonce(1), path=line))
        must(status_of(answer) in (0, 400, 404), f"the path {line!r}", answer)
    for method in ("PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "get", "GET"):
        answer = says(request(nonce(1), method=method))
        must(status_of(answer) in (0, 400, 405), f"the method {method}", answer)
    must(status_of(says(request("", "/v1/status", "POST"))) == 405, "a status that is posted")
    # Many questions at once are no trick, and are answered in their order.
    answer = says("".join(request("", "/v1/status", "GET", close=False) for _ in range(30)) + request("", "/v1/none", "GET"))
    must(answer.count(b"HTTP/1.1 200") == 30 and b"HTTP/1.1 404" in answer, "thirty questions in one breath", answer)
    still_answers("shapes")


def replays():
    def ask(body, path="/v1/acquire"):
        answer = says(request(body, path))
        return status_of(answer), answer

    first, answer = ask(nonce(7))
    must(first == 200, "a first question", answer)
    token = json.loads(answer.split(b"\r\n\r\n", 1)[1])["token"]
    again, answer = ask(nonce(7))
    must(again == 200 and token.encode() in answer, "the same question gets the same token", answer)
    must(ask(nonce(8))[0] == 409, "a first question with another nonce")
    must(ask({"token": token, "nonce": "0" * 31 + "9"})[0] == 200, "the token that was given")
    status, answer = ask({"token": token, "nonce": "0" * 31 + "a"})
    must(status == 409 and b"second-holder" in answer, "a token that was used", answer)
    must(ask({"token": "0" * 32, "nonce": "0" * 31 + "9"})[0] == 409, "a token that was never given")
    still_answers("replays")


def crowd():
    """500 idle and slow connections, and what is served meanwhile."""
    raw = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(250)]
    half = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(200)]
    for connection in half:
        connection.sendall(bytes.fromhex("16030100fa"))
    slow = [dial() for _ in range(8)]  # of one key there may be 16
    strangers = [certificate(f"stranger{i}", ed25519.Ed25519PrivateKey.generate()) for i in range(6)]
    slow += [dial(path) for path in strangers for _ in range(7)]
    stop = threading.Event()

    def dribble():
        text = request(nonce(1)).encode()
        at = 0
        while not stop.wait(0.2):
            for connection in slow:
                try:
                    connection.send(text[at % len(text):at % len(text) + 1])
                except OSError:
                    pass
            at += 1
            if at > len(text) // 2:
                at = 0

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    for _ in range(20):
        still_answers("a crowd has come")
    # All of them are cut off in the end, whatever they send.
    for connection in raw + half + slow:
        answer = everything(connection)
        must(b'"held"' not in answer, "a slow one was served", answer)
        connection.close()
    stop.set()
    thread.join()
    many = []
    for _ in range(40):
        try:
            connection = dial()
            connection.sendall(request("", "/v1/status", "GET", close=False).encode())
            many.append(connection)
        except (ssl.SSLError, ConnectionError):
            pass
    served = 0
    for connection in many:
        connection.settimeout(5)
        try:
            served += connection.recv(100).startswith(b"HTTP/1.1 200")
        except (OSError, ssl.SSLError):
            pass
    must(0 < served <= 16, f"one key has {served} connections")
    for connection in many:
        connection.close()
    time.sleep(0.2)
    still_answers("a crowd")


def flood():
    """Whoever asks for the status again and again keeps nobody from being served."""
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            try:
                says(request("", "/", "GET"), None)
            except OSError:
                pass

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        still_answers("a flood of questions")
    stop.set()
    for thread in threads:
        thread.join()


for trick in (certificates, protocols, sizes, shapes, replays, flood, crowd):
    trick()
print(f"{done} tricks did nothing")
