#!/usr/bin/env bash
# Goal: what is printed can be scanned again. The sheets of a request and of an activation are printed by a browser on A4 and on
# Letter, rasterised at 150 dpi, measured, and read back into the same document. They are one page, and fetch nothing.
# What it doesn't prove: that a camera reads paper; `./kit bench qr` and the photographs speak to that.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

for tool in chromium pdftoppm pdfinfo; do command -v "$tool" >/dev/null || cannot "$tool is not installed"; done

# smallest FILE.pgm: the side in mm of the smallest symbol, from the upper to the lower finder pattern at its left.
cat >smallest.py <<'PY'
import re, sys
raw = open(sys.argv[1], "rb").read()
head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
width, height = int(head[1]), int(head[2])
pixels = raw[head.end():]
dark = lambda x, y: x < width and y < height and pixels[y * width + x] < 128

def is_finder(x, y, side):
    """A ring of seven modules, one thick, with a ring of light inside. (Alignment patterns are such rings of five: 22 pixels.)"""
    edge, thick = side - 1, side / 7
    ring = all(dark(x + i, y + 1) and dark(x + i, y + edge - 1) and dark(x + 1, y + i) and dark(x + edge - 1, y + i)
               for i in range(2, side - 2))
    gap = [round(1.5 * thick), round(5.5 * thick)]
    return ring and not any(dark(x + i, y + j) for i in range(gap[0], gap[1]) for j in gap)

finders = []
for y in range(1, height):
    for run in re.finditer(rb"[\x00-\x7f]+", pixels[y * width:(y + 1) * width]):
        x, side = run.start(), run.end() - run.start()
        if 26 <= side <= 40 and not dark(x + side // 2, y - 1) and is_finder(x, y, side):
            finders.append((x, y, side))
mm = 25.4 / 150
sides = [(low + size - high) * mm for x, high, _ in finders for left, low, size in finders
         if abs(left - x) < 3 and (low - high) * mm > 30]
print(min(sides))
PY

# printed SHEET DOCUMENT PAPER: one page, symbols of 60 mm and more, and the document comes back.
printed() {
  sed "s/@page { margin/@page { size: $3; margin/" "$1" >page.html
  chromium --headless --no-sandbox --disable-gpu --user-data-dir="$here/browser" --no-pdf-header-footer --print-to-pdf=page.pdf \
    page.html >browser.txt 2>&1 </dev/null || { cat browser.txt >&2; die "the browser did not print $1"; }
  [ "$(pdfinfo page.pdf | sed -n 's/^Pages: *//p')" = 1 ] || die "$1 on $3 is more than one page"
  pdfinfo page.pdf | grep -qi "$3" || die "$1 was not printed on $3"
  pdftoppm -r 150 -gray -singlefile page.pdf page
  pdftoppm -r 150 -gray -singlefile -png page.pdf page
  side=$(/usr/bin/python3 smallest.py page.pgm) || die "no symbol was found on $1, $3"
  awk -v side="$side" 'BEGIN { exit !(side >= 60) }' || die "a symbol on $1, $3 is only $side mm wide"
  gives 0 oak-request scan page.png --out scanned.oak --force
  cmp -s <(grep -v '^#' scanned.oak) <(grep -v '^#' "$2") || die "$1 on $3 came back as another document"
}

new_desk desk
gives 0 issuer trust --out contact.trust --contact 'Licence desk <desk> & "friends", +00 000' --force
gives 0 create --version 3.5 --licence-key-file desk.key --site '<script>alert(1)</script>' --out request.oak --sheet request.html \
  --trust contact.trust
gives 0 issuer issue request.oak --out activation.oak --sheet activation.html "${approved[@]}"
for sheet in request activation; do
  for paper in A4 letter; do printed $sheet.html $sheet.oak $paper; done
  ! grep -qiE '<script|<img|<link|src=|url\(|@import' $sheet.html || die "$sheet.html has a script, or something from outside"
done
# The longest texts that the options take leave a sheet of three symbols one page.
long() { printf "%*s" "$1" "" | tr ' ' W; }
gives 0 issuer trust --out long.trust --contact "$(long 240)" --force
gives 0 issuer licence change "$(cat desk.licence)" --customer "$(long 120)"
gives 0 oak-request create --product planner --version 3.5 --licence-key-file desk.key --state-dir wide --site "$(long 120)" --reason "$(long 240)" \
  --out wide.oak --sheet wide.html --trust long.trust
gives 0 issuer issue wide.oak --out wide.answer.oak --sheet wide.answer.html --approve weak,not-allowed-here,reinstall --reason test
for paper in A4 letter; do
  printed wide.html wide.oak $paper
  printed wide.answer.html wide.answer.oak $paper
done

grep -q '&lt;script&gt;' request.html || die "the site label is not on the request's sheet"
grep -q 'desk <desk>' request.html && die "the contact was not escaped"
grep -q 'Licence desk &lt;desk&gt; &amp; &quot;friends&quot;' request.html || die "the contact is not on the request's sheet"
grep -q 'Licence desk &lt;desk&gt;' activation.html || die "the contact is not on the activation's sheet"
for sheet in request activation; do
  gives 0 oak-request show $sheet.oak --json
  grep -q "$(value phone)" $sheet.html || die "the phone groups are not on the $sheet's sheet"
done
passed
