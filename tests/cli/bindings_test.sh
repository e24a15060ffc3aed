#!/usr/bin/env bash
# Goal: the C, C++ and Python examples give, on one and the same state, the verdict that the tool gives, and show the person at
# the screen what the tool would show; the sample product really is read-only without a licence; numbers and names are the
# same in all three languages.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
export LD_LIBRARY_PATH=$2/verifier PYTHONPATH=$PROJECT/verifier/python PYTHONDONTWRITEBYTECODE=1

new_desk desk
python_example() { /usr/bin/python3 "$PROJECT/verifier/python/example.py" planner "$1" "$2" machine desk.trust; }
c_example() { oak-verifier-example planner "$1" "$2" machine desk.trust; }
sample() { oak-verifier-sample book --state-dir machine --trust desk.trust "$@"; }
# all_say CODE VERSION SEATS: the examples agree with the tool, and repeat its lines where the answer is no.
all_say() {
  gives "$1" check --version "$2" --seats "$3" --json
  cp out.txt tool.json
  gives "$1" check --version "$2" --seats "$3"
  cp out.txt tool.txt
  gives "$1" c_example "$2" "$3"
  head -1 out.txt | cmp -s - tool.json || die "the C example has another answer than the tool"
  gives "$1" python_example "$2" "$3"
  [ "$1" = 0 ] || tail -n +2 out.txt | cmp -s - tool.txt || die "the Python example has other lines than the tool"
}

echo 'first line' >book
all_say 1 3.5 1
gives 1 sample --add 'never written'
complains 'the book is read-only'
complains '^not-activated$'
complains '^oak-request create --product planner --version 3.5.1'
[ "$(cat book)" = 'first line' ] || die "a read-only book was written to"
gives 0 sample
says '^first line$'

activated
all_say 0 3.5 1
all_say 1 4.0-rc1 1
all_say 1 3.5 2
gives 0 sample --add 'second line'
[ ! -s err.txt ] || die "a product with a licence says something about it"
gives 0 sample
[ "$(cat out.txt)" = "$(printf 'first line\nsecond line')" ] || die "the book lost a line"
gives 2 oak-verifier-sample book --trust no-such-file
complains no-such-file

# What can't be answered is no verdict, in any language, and says what helps where the check got so far.
rm machine/planner/fingerprint-*.key
gives 2 c_example 3.5 1
complains 'no answer: key-missing'
gives 2 python_example 3.5 1
complains '^no answer: .'
complains 'licence-key-file'
gives 1 sample --add 'never written'
complains '^no answer: .'
gives 2 oak-verifier-example ../planner 3.5 1 machine desk.trust
gives 2 /usr/bin/python3 "$PROJECT/verifier/python/example.py" ../planner 3.5 1 machine desk.trust
complains '^no answer: bad-argument$'

# The header's numbers, in the two bindings; the size of the struct; arguments that C would cut short.
cat >numbers.py <<'PY'
import ctypes, re, sys
import oak_verifier
header, plus = (open(sys.argv[1] + "/oak_verifier." + end).read() for end in ("h", "hpp"))
statuses = {n: int(v) for n, v in re.findall(r"^  OAK_STATUS_(\w+) = (\d+)", header, re.M)}
verdicts = {n: int(v) for n, v in re.findall(r"^  OAK_(?!STATUS_)(\w+) = (\d+)", header, re.M)}
assert len(statuses) > 5 and len(verdicts) > 5
assert {s.name: s.value for s in oak_verifier.Status} == statuses
assert {v.name: v.value for v in oak_verifier.Verdict} == verdicts
assert {n.upper(): c for n, c in re.findall(r"^  (\w+) = OAK_(\w+)", plus, re.M)} == {
    **{n: n for n in verdicts}, **{n: "STATUS_" + n for n in statuses}}
library = oak_verifier._load("liboakverifier.so.1")
library.oak_verdict_name.restype = ctypes.c_char_p
for names, known in ((library.oak_status_name, statuses), (library.oak_verdict_name, verdicts)):
    for name, number in known.items():
        assert names(number).decode() == name.lower().replace("_", "-"), name
for wrong in ({"product": "pla\0nner"}, {"version": "3\0"}, {"seats_in_use": -1}, {"seats_in_use": 1 << 32}):
    try:
        oak_verifier.check(**{"product": "planner", "version": "3.5", **wrong})
    except ValueError:
        continue
    sys.exit("taken: %r" % wrong)
with oak_verifier.Verifier("planner", "3.5", state_dir="nowhere") as verifier:
    assert verifier.check().verdict == verifier.check().verdict == oak_verifier.Verdict.NOT_ACTIVATED
verifier.close()
try:
    verifier.check()
except ValueError:
    sys.exit()
sys.exit("a closed verifier answers")
PY
gives 0 /usr/bin/python3 numbers.py "$PROJECT/verifier"
passed
