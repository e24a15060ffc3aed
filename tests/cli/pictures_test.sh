#!/usr/bin/env bash
# Goal: a document crosses the air gap as pictures and nothing is lost: symbols written by one tool are read by the other, in any
# order, doubled, among strangers' codes; what is missing is named; and a hostile picture costs a message, no more.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

same() { cmp -s <(grep -v '^#' "$1") <(grep -v '^#' "$2") || die "$1 and $2 are not the same document"; }

new_desk desk
activated

# A request by its picture alone: shown, scanned, asked about.
gives 0 create --version 3.5 --out asked.oak --qr asked.png
gives 0 oak-request scan asked*.png --out scanned.oak
same asked.oak scanned.oak
gives 0 oak-request show asked*.png --json
is type request
gives 0 issuer inspect asked*.png --json
is product planner
is policy.proof_checked true
refuses 2 oak-request scan asked*.png --out scanned.oak # an existing file stays
complains "scanned.oak"
refuses 2 create --version 3.5 --out again.oak --qr asked.png
refuses 2 create --version 3.5 --out again2.oak --qr asked.gif
complains "neither in .png nor in .svg"
[ ! -e again2.oak ] || die "a request was written though its symbols could not be"

# An activation takes several symbols: one picture each, or fewer.
gives 0 issuer issue asked*.png --out answer.oak --qr answer.png "${approved[@]}"
mapfile -t parts < <(printf '%s\n' answer-*of*.png)
[ "${#parts[@]}" -ge 2 ] || die "the answer should take several symbols: ${parts[*]}"
refuses 2 oak-request scan "${parts[@]}" asked*.png --out both.oak
complains "2 documents"
refuses 1 import "${parts[1]}"
complains "part 1 of ${#parts[@]} is missing"
gives 0 import "${parts[1]}" "${parts[0]}" "${parts[0]}" "${parts[@]:2}"
gives 0 check --version 3.5
says active

# As SVG, and in a terminal: black on white whatever the theme.
gives 0 check --version 3.5 --json
id=$(value activation.id)
gives 0 issuer export "$id" --out same.oak --qr same.svg
same answer.oak same.oak
gives 0 create --version 3.5 --out terminal.oak --qr -
says $'\x1b\\[0;38;5;16;48;5;231m'
says 'part 1 of'
gives 0 create --version 3.5 --out drawn.oak --qr drawn.svg
ls drawn*.svg >/dev/null || die "no SVG was written"
refuses 2 create --version 3.5 --out - --qr -
refuses 2 create --version 3.5 --out one.png --qr one.png --force
complains 'name one file'
refuses 2 issuer export "$id" --out exported.oak --qr - --json
refuses 2 issuer export "$id" --out "twice-1of${#parts[@]}.png" --qr twice.png --force
complains 'two carriers'

# What is in the way is found before a seat is used, and nothing is written.
gives 0 create --version 3.5 --out blocked.oak
touch blocked-1of2.png blocked-1of3.png
gives 0 issuer list --json
before=$(cat out.txt)
refuses 2 issuer issue blocked.oak --out blocked.answer.oak --qr blocked.png "${approved[@]}"
complains 'blocked-1of'
gives 0 issuer list --json
if [ "$before" != "$(cat out.txt)" ] || [ -e blocked.answer.oak ]; then die "an activation was issued that could not be written"; fi

# Bad pictures: each answered in few resources, with file and remedy.
cat >bad.py <<'PY'
import os, struct, zlib
png = lambda *chunks: b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
head = lambda w, h, depth=8, colour=0: (b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, 0))
write = lambda name, data: open(name, "wb").write(data)
write("huge.png", png(head(100000, 100000), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")))
write("bomb.png", png(head(8000, 8000), (b"IDAT", zlib.compress(b"\0" * (8001 * 8000), 9)), (b"IEND", b"")))
write("zero.png", png(head(0, 0), (b"IEND", b"")))
write("white.png", png(head(300, 300), (b"IDAT", zlib.compress((b"\0" + b"\xff" * 300) * 300)), (b"IEND", b"")))
write("cut.png", open([n for n in sorted(os.listdir(".")) if n.startswith("asked")and n.endswith(".png")][0], "rb").read()[:700])
write("text.png", b"this is a text file\n")
write("empty.png", b"")
write("noise.png", os.urandom(10_000_000))
write("noise-in-png.png", b"\x89PNG\r\n\x1a\n" + os.urandom(1_000_000))
write("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xdb")
write("soi.jpg", b"\xff\xd8\xff" + b"\xff" * 100000)
PY
/usr/bin/python3 bad.py
mkdir folder.png
# frugal FILE: refused with exit 1 or 2, a message that names it, a hint; at most 300 MB, and it ends.
cat >frugal.py <<'PY'
import resource, subprocess, sys
done = subprocess.run(["oak-request", "scan", sys.argv[1], "--out", "never.oak"], capture_output=True, timeout=60)
said = done.stderr.decode()
peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if done.returncode not in (1, 2) or sys.argv[1] not in said or "hint: " not in said or peak_mb > 300:
    sys.exit(f"{sys.argv[1]}: exit {done.returncode}, {peak_mb:.0f} MB, said: {said}")
PY
for bad in huge.png bomb.png zero.png white.png cut.png text.png empty.png noise.png noise-in-png.png cut.jpg soi.jpg folder.png absent.png; do
  /usr/bin/python3 frugal.py $bad || die "$bad was not refused as it should be"
  checks=$((checks + 1))
done
[ ! -e never.oak ] || die "a bad picture gave a document"
refuses 1 oak-request scan white.png --out never.oak
complains "closer|flat|light"

# Whatever is there, with --raw: one picture that can't be read stops no other.
gives 1 oak-request scan --raw white.png asked.png --json
is 0.image white.png
is 1.image asked.png
[ "$(value 1.symbols.0.text | cut -c1-3)" = OA1 ] || die "--raw did not give the symbol's text"
passed
