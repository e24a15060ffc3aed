#!/usr/bin/env bash
# Goal: a check asks the kernel for nothing but files of the list in docs/integration.md, "What a check opens", and every line of that list is
# asked for; it makes no socket and no process, and writes nothing but root's marks and published status, and these only where something
# changed. As root, as a member of the group oak, and as nobody; the tool, the library, and a computer that was lent a seat.
# What it doesn't prove: anything of machines with other devices than the made-up ones.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
[ "$(id -u)" -eq 0 ] || cannot "becoming nobody needs root"
find_own_mounts || cannot "made-up hardware needs mounts of one's own"
command -v strace >/dev/null || cannot "there is no strace"
strace -qq -o /dev/null true 2>/dev/null || cannot "this system does not let strace follow a process"
# shellcheck source=SCRIPTDIR/default_machine.sh
. "$PROJECT/tests/cli/default_machine.sh"
cp "$2/bin/oak-machine-id" "$2/bin/oak-verifier-example" tools
cp "$2"/verifier/liboakverifier.so.1 tools
export LD_LIBRARY_PATH=$here/tools

cat >read_trace.py <<'PY'
"""read_trace.py TRACE LIST PROGRAM WRITES: what a trace asks for that it should not. Adds the list's lines that it asks for to seen.txt."""
import os, re, sys
trace, listed, program, may_write = sys.argv[1:5]
text = open(listed).read()
block = re.search(r"^## What a check opens\n.*?^```\n(.*?)^```", text, re.S | re.M).group(1)
lines = [line.split()[0] for line in block.splitlines()]
assert len(lines) > 15
patterns = {line: re.compile("".join("[^/]+(/[^/]+)*" if part == "<file>" else "[^/]+" if part.startswith("<") else re.escape(part)
                                     for part in re.split(r"(<[a-z ]+>)", line)) + "$") for line in lines}
calls = set("""execve brk arch_prctl set_tid_address set_robust_list rseq prlimit64 readlink readlinkat getrandom mprotect mmap munmap madvise
  openat openat2 open newfstatat fstat statx lseek read pread64 write close getdents64 geteuid access faccessat faccessat2 clock_gettime fstatfs
  sched_yield futex exit_group exit ioctl""".split())
writing = set("flock getpid fchmod fchown fsync renameat unlinkat mkdir chmod write".split())
# What the loader and the C library of a dynamic program open before anything of ours runs; the program's own output.
loader = re.compile(r"(/[^ ]*\.so(\.[0-9.]+)?|/etc/ld\.so\.(cache|preload)|/proc/self/exe|.*/glibc-hwcaps/.*|.*/tools(/.*)?)$")
faults, seen, on = [], set(), False
def where(name):
    name = re.sub(r"^/sys/devices/.*?/(net|block)/([^/]+)", lambda m: {"net": "/sys/class/net/", "block": "/sys/block/"}[m[1]] + m[2], name)
    return re.sub(r"^/proc/[0-9]+/", "/proc/self/", name)
for line in open(trace):
    call = re.match(r"(?:\d+ +)?([a-z0-9_]+)\((.*)", line)
    if not call:
        continue
    name, rest = call.groups()
    if name == "execve" and not on:
        on = '/%s"' % program in rest and "= 0" in rest
        continue
    if not on:
        continue
    if name not in calls and not (may_write == "writes" and name in writing):
        faults.append("calls " + name)
    if name not in ("openat", "openat2", "open"):
        continue
    asked = re.match(r'(?:AT_FDCWD<[^>]*>|\d+<([^>]*)>), "([^"]*)"', rest) or sys.exit("can't read: " + line)
    path = where(os.path.normpath(os.path.join(asked[1] or "/", asked[2])))
    flags = re.search(r"O_[A-Z_|]+", rest)[0]
    temporary = re.fullmatch(r"/var/lib/oak/planner(/seat)?/\.oak-.*\.tmp|/run/oak/\.oak-.*\.tmp", path)
    hits = [line for line, pattern in patterns.items() if pattern.fullmatch(path.replace("/planner", "/PRODUCT", 1))]
    if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", flags):
        seen.update(hits)
        if not ((temporary or path.endswith("/planner/marks.lock")) and may_write == "writes"):
            faults.append("writes " + path)
        continue
    if loader.fullmatch(path) or path == "/desk.trust":
        continue
    # A folder on the way to what is listed.
    on_the_way = any(line.startswith(re.sub(r"/(eth0|lo|sda|loop0)(?=/|$)", lambda m: "/<card>" if "/net/" in path else "/<disk>", path).replace("/planner", "/<product>") + "/")
                     or (path.startswith(("/sys/class/net/", "/sys/block/")) and "/device" in path) for line in lines)
    seen.update(hits)
    if not hits and not on_the_way:
        faults.append("opens " + path)
if not on:
    faults.append("the program was not started")
open("seen.txt", "a").writelines(line + "\n" for line in seen)
print("\n".join(sorted(set(faults))))
PY
# traced CODE may_write|reads USER COMMAND...: under strace, as that user, on the made-up machine.
# shellcheck disable=SC2034  # by their names
member=(setpriv --reuid=65534 --regid=65534 --groups=4711) nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups) root=()
traced() {
  local code=$1 writes=$2 user=$3
  shift 3
  local -n become=$user
  gives "$code" on strace -f -y -qq -o trace.txt "${become[@]}" "$@"
  /usr/bin/python3 read_trace.py trace.txt "$PROJECT/docs/integration.md" "$(basename "$1")" "$writes" >faults.txt || die "the trace can't be read"
  grep . faults.txt >&2 && die "$user: $*: see above"
  return 0
}
check=(oak-verifier check --product planner --version 3.5)

# The reader finds what it must find.
planted() {
  gives 0 on strace -f -y -qq -o trace.txt "${@:2}"
  /usr/bin/python3 read_trace.py trace.txt "$PROJECT/docs/integration.md" "$(basename "$2")" reads >faults.txt
  grep -qE "$1" faults.txt || die "not found in a trace: $1"
}
planted 'opens /dev/null' /bin/cat /dev/null
planted 'calls socket' /usr/bin/python3 -c 'import socket; socket.socket()'
planted 'writes /' /bin/dd if=/dev/null of=planted.out status=none
planted 'calls (v?fork|clone3?)' /bin/sh -c '/bin/true; /bin/true'

new_desk desk --allow vm,container
cp desk.trust etc/oak/trust/planner.oak
printf 'root:x:0:\noak:x:4711:\n' >etc/group
gives 0 on oak-request create --product planner --version 3.5 --licence-key-file desk.key --out request.oak
gives 0 issuer issue request.oak --out activation.oak
traced 1 writes root "${check[@]}"
gives 0 on oak-request import activation.oak
gives 0 issuer bulletin --out none.bulletin.oak --product planner
gives 0 on oak-request import none.bulletin.oak
traced 0 writes root "${check[@]}"
# Before it has its name: a member of the group is locked out at no moment, and after no power cut.
grep -q 'fchown([0-9]*</var/lib/oak/planner/\.oak-[^ ]*marks.oak.tmp>, -1, 4711)' trace.txt || die "new marks are not the group's from the beginning"
[ "$(stat -c '%a %g' var/oak/planner/marks.oak)" = '640 4711' ] || die "marks are not for the group"
traced 0 reads root "${check[@]}"
traced 1 writes root "${check[@]::5}" 4.0 --seats 9
traced 0 writes root "${check[@]}" --json
traced 0 reads root "${check[@]}" --json
traced 2 reads nobody "${check[@]}"
traced 0 reads member "${check[@]}"
gives 0 on oak-machine-id snapshot --product planner
traced 0 reads member "${check[@]}"
traced 0 reads member oak-verifier-example planner 3.5 1
traced 2 reads nobody oak-verifier-example planner 3.5 1
traced 0 reads member oak-verifier status --product planner
gives 0 on "${member[@]}" "${check[@]}"
[ ! -s err.txt ] || die "a member of the group oak is told something"

# A seat that was lent, and bonded cards: folders alone show that they are looked at.
rm -r var/oak/planner
mkdir -p var/oak/planner/seat
traced 1 writes root "${check[@]}"
sort -u seen.txt >seen
/usr/bin/python3 - "$PROJECT/docs/integration.md" seen <<'PY' || die "the list names what nothing asks for"
import re, sys
block = re.search(r"^## What a check opens\n.*?^```\n(.*?)^```", open(sys.argv[1]).read(), re.S | re.M).group(1)
lines = {line.split()[0] for line in block.splitlines()}
# Of these only the folder above is asked for where there is none.
folders = {"/proc/device-tree/<file>", "/proc/net/bonding/<bond>", "/sys/firmware/devicetree/base/<file>", "/sys/devices/soc0/<file>"}
missing = lines - folders - set(open(sys.argv[2]).read().split("\n"))
sys.exit("never asked for: %s" % sorted(missing) if missing else 0)
PY
passed
