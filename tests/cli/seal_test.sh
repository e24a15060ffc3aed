#!/usr/bin/env bash
# Goal: a sealed request tells its courier nothing but that it is one and for which key; the site sees all that is in it before
# it is sealed; the desk that it was made for treats it as the request inside, and no other desk can open it.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
new_desk elsewhere
sealed() { create --version 3.5 --licence-key-file desk.key --site Dock --reason 'new line' --seal "$@"; }

# Without trust there is no key to seal for.
refuses 1 sealed --out x.oak
complains '.-seal needs the vendor.s trust'
refuses 2 sealed --trust nowhere.trust --out x.oak
[ ! -e x.oak ] || die "a request that could not be sealed was written"

gives 0 sealed --trust desk.trust --out request.oak
says '^Request, signed by'
says '^  site  *Dock$'
says '^  reason  *new line$'
says '^Sealed request written to request.oak$'
says 'the answer will not be sealed'
phone=$(sed -n 's/^  over the phone *//p' out.txt | tail -1)
grep -q 'BEGIN OAK SEALED REQUEST' request.oak || die "the file does not say that it is sealed"
# To its courier: nothing of what is asked.
if grep -qiE 'planner|dock|3\.5|new line' request.oak; then die "the sealed file tells what is in it"; fi
gives 0 oak-request show request.oak
says '^Sealed request'
says '^  sealed for key  *[0-9a-f]{16}$'
says '^  length  *[0-9]+ bytes$'
[ "$(wc -l <out.txt)" -eq 4 ] || die "show tells more than that it is sealed, for which key, and how long"
gives 0 oak-request show request.oak --json
is type sealed-request
key=$(value sealing_key)
gives 1 oak-request import --state-dir machine --trust desk.trust request.oak

# JSON and data on standard output stay alone there; the page goes to standard error.
gives 0 sealed --trust desk.trust --out json.oak --json
is sealed_for "$key"
complains '^Request, signed by'
gives 0 sealed --trust desk.trust --out -
grep -q 'BEGIN OAK SEALED REQUEST' out.txt || die "the sealed request is not on standard output"
complains '^  site  *Dock$'
gives 0 create --version 3.5 --licence-key-file desk.key --out open.oak --json
is sealed_for null

# By picture and on paper.
gives 0 sealed --trust desk.trust --out carried.oak --qr carried.png --sheet carried.html
gives 0 oak-request scan carried*.png --out scanned.oak
says '^sealed request written'
cmp <(sed '/^#/d' carried.oak) <(sed '/^#/d' scanned.oak) || die "the symbols carry another document"
if grep -qE 'planner|Dock|Over the phone' carried.html; then die "the sheet tells what is in it"; fi
grep -q "$key" carried.html || die "the sheet does not say for which key it is"

# At the desk it is the request inside.
gives 0 issuer inspect request.oak
says "^  over the phone  *$phone$"
gives 0 issuer inspect request.oak --json
is type request
is site Dock
is reason 'new line'
gives 0 issuer inspect carried*.png --json
is site Dock
refuses 2 oak-issuer --desk desk inspect request.oak
complains 'is sealed'
refuses 1 oak-issuer --desk elsewhere --passphrase-file passphrase inspect request.oak
complains "'request.oak' was sealed for another desk"
refuses 1 oak-issuer --desk elsewhere --passphrase-file passphrase issue request.oak --out x.oak
complains "was sealed for another desk"
sed 's/^\([A-Z2-7]\{40\}\)A/\1B/; t; s/^\([A-Z2-7]\{40\}\)./\1A/' request.oak >altered.oak
refuses 1 issuer inspect altered.oak
[ ! -e x.oak ] || die "an answer was written"

gives 0 issuer issue request.oak --out activation.oak "${approved[@]}" --json
is repeat false
gives 0 issuer issue request.oak --out again.oak --json
is repeat true
cmp activation.oak again.oak || die "the same sealed request was answered twice"
gives 0 import activation.oak
gives 0 check --version 3.5
# The ledger keeps the request that was asked, and audits like any other.
gives 0 issuer list --json
is 0.state live
passed
