"""A random hour of one seat server and five computers, in network namespaces and in fast time, and an observer of the computers' side.
Three of them use liboakseat, two the tool.

Usage: hour.py FOLDER SPEED SEED
FOLDER has the activated host's state `machine`, `desk.trust`, `fast_clock.so` and `computer`; the tools are on PATH. Root only: it makes namespaces.
Prints what happened and last what the observer saw; exits 0 where at no moment more than three held a seat and the line was in order.
"""
import ctypes, json, mmap, os, random, re, signal, struct, subprocess, sys, threading, time
import cbor2

folder, speed, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
SEATS, COMPUTERS, HOUR_S, KILLS = 3, 5, 3600, 200
TTL_S, PATIENCE_S = 120, 30
os.chdir(folder)
began_ns = time.monotonic_ns()
ended = threading.Event()


def now():
    """Seconds of the fast hour."""
    return (time.monotonic_ns() - began_ns) * speed / 1e9


def sleep(seconds, until=None):
    (until or ended).wait(seconds / speed)


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


class Machine:
    """A network namespace, clocks, a boot id and mounts of its own."""

    def __init__(self, name, address):
        self.name, self.address, self.boots = name, address, 0
        self.dice = random.Random(f"{seed}-{name}")
        run("ip", "netns", "add", name)
        run("ip", "link", "add", f"{name}0", "netns", name, "type", "veth", "peer", "name", name, "netns", "lan")
        run("ip", "-n", "lan", "link", "set", name, "master", "lan0", "up")
        run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", f"{name}0")
        run("ip", "-n", name, "link", "set", f"{name}0", "up")
        run("ip", "-n", name, "link", "set", "lo", "up")
        with open(f"{name}.clock", "wb") as file:
            file.write(bytes(mmap.PAGESIZE))
        self.clock = mmap.mmap(os.open(f"{name}.clock", os.O_RDWR), mmap.PAGESIZE)
        self.boot_ahead_s = self.dice.uniform(100, 10_000)
        self.write_clock(0)
        self.write_boot_id()
        keeper = f"mount --bind {folder}/{name}.boot_id /proc/sys/kernel/random/boot_id && echo ready && exec sleep infinity"
        self.keeper = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", keeper], stdout=subprocess.PIPE, text=True)
        assert self.keeper.stdout.readline() == "ready\n", "a boot id of its own can't be mounted"
        self.env = dict(os.environ, LD_PRELOAD=f"{folder}/fast_clock.so", TEST_FAST_CLOCK=f"{folder}/{name}.clock")

    def write_clock(self, calendar_ahead_s):
        self.calendar_ahead_s = calendar_ahead_s
        self.clock[:40] = struct.pack("<qqqqq", speed, began_ns, int(self.boot_ahead_s * 1e9), 1_800_000_000, calendar_ahead_s)

    def write_boot_id(self):
        self.boots += 1
        self.boot_id = f"{self.dice.getrandbits(128):032x}"
        i = self.boot_id
        with open(f"{self.name}.boot_id", "w") as file:
            file.write(f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}\n")

    def boot_ms(self):
        return (now() + self.boot_ahead_s) * 1000

    def start(self, *words, **more):
        inside = ["nsenter", f"--net=/run/netns/{self.name}", f"--mount=/proc/{self.keeper.pid}/ns/mnt", f"--wd={folder}"]
        return subprocess.Popen([*inside, *words], env=self.env, text=True, **more)

    def set_link(self, is_up):
        run("ip", "-n", self.name, "link", "set", f"{self.name}0", "up" if is_up else "down")

    def start_anew(self):
        """After everything in it was killed."""
        self.boot_ahead_s = self.dice.uniform(1, 30) - now()
        self.write_clock(self.calendar_ahead_s)
        self.write_boot_id()


class Server(Machine):
    process, served_at, set_at = None, 0, 0

    def is_clock_news(self):
        return now() - self.served_at < 30 or now() - self.set_at < 90

    def serve(self):
        self.served_at = now()
        self.log = open("server.log", "a")
        self.process = self.start("oak-seatd", "serve", "--product", "planner", "--listen", f"{self.address}:7443", "--state-dir", "machine",
                                  "--trust", "desk.trust", stdout=self.log, stderr=self.log)

    def code(self):
        with self.start("oak-seatd", "code", "--state-dir", "machine", "--product", "planner", "--json", stdout=subprocess.PIPE) as process:
            return json.loads(process.stdout.read())["code"]


class Computer(Machine):
    """And who sits at it: wants a seat now and then, waits in the line, works, gives it back or just goes."""

    def __init__(self, number, server):
        super().__init__(f"c{number}", f"10.77.0.{10 + number}")
        self.number, self.server = number, server
        self.running, self.killed, self.down_until = [], threading.Event(), 0
        self.lock = threading.Lock()
        self.program = None
        self.asks = []  # (sent, answered or None, "held" | "waiting" | "left" | "lost", position)

    def enrol(self):
        words = self.words("enrol", "--server", f"https://{self.server.address}:7443", "--code", self.server.code(), "--trust", "desk.trust",
                           "--name", self.name)
        with self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            output = process.stdout.read()
        assert process.returncode == 0, output

    def words(self, command, *more):
        return ["oak-seat", command, "--product", "planner", "--state-dir", f"state-{self.name}", *more]

    def begin(self, *words, **more):
        """None where it was killed meanwhile."""
        with self.lock:
            if self.killed.is_set() or ended.is_set():
                return None
            process = self.start(*words, stderr=subprocess.DEVNULL, start_new_session=True, **more)
            self.running.append(process)
            return process

    def finish(self, process):
        output = process.stdout.read() if process.stdout else ""
        code = process.wait()
        with self.lock:
            if process in self.running:
                self.running.remove(process)
        return code, output

    def ask(self, command, *more):
        return self.ask_tool(command, *more) if self.number > 3 else self.ask_library(command, *more)

    def ask_library(self, command, *more):
        """Over a program that goes on until it is killed."""
        program = self.program
        if program is None or program.poll() is not None:
            program = self.program = self.begin("./computer", f"state-{self.name}", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if program is None:
                return None
        sent = now()
        try:
            program.stdin.write(" ".join([command, *(word for word in more if word.isdigit())]) + "\n")
            program.stdin.flush()
            status, held, position, turn_ms = program.stdout.readline().split()
        except (OSError, ValueError):
            status, held, position, turn_ms = "killed", "0", "0", "0"
        answer = {"held": held == "1", "position": int(position) or None, "retry_after_ms": int(turn_ms)} if status == "ok" else {}
        kind = "lost" if not answer else "held" if answer["held"] else "waiting" if answer["position"] else "left"
        self.asks.append((sent, now() if answer else None, kind, answer.get("position")))
        return answer

    def ask_tool(self, command, *more):
        sent = now()
        process = self.begin(*self.words(command, *more, "--json"), stdout=subprocess.PIPE)
        if process is None:
            return None
        code, output = self.finish(process)
        answered = now()
        try:
            answer = json.loads(output)
        except ValueError:
            answer = {}
        kind = "lost"
        if code in (0, 1) and "held" in answer:
            kind = "held" if answer["held"] else "waiting" if "position" in answer else "left"
        self.asks.append((sent, answered if kind != "lost" else None, kind, answer.get("position")))
        return answer if kind != "lost" else {}

    def work(self):
        """With a seat: a program that runs under `oak-seat run`, or the seat kept by hand, or borrowed and brought back."""
        how, period = self.dice.random(), self.dice.uniform(5, 70)
        if how < 0.6:
            process = self.begin(*self.words("run", "--", "sleep", str(int(period))))
            if process:
                # What it asks meanwhile is not seen.
                self.asks.append((now(), None, "lost", None))
                self.finish(process)
                self.asks.append((now(), None, "lost", None))
            return
        if how < 0.7:
            self.ask("borrow", "--days", "1")
        until = now() + period
        while now() < until and not self.killed.is_set() and not ended.is_set():
            sleep(min(40, until - now()), self.killed)
            self.ask("acquire")
        if self.dice.random() < 0.8 or how < 0.7:
            self.ask("release")
        else:
            sleep(self.dice.uniform(60, 150), self.killed)  # gone, without a word

    def live(self):
        while not ended.is_set():
            if self.killed.is_set():
                sleep(max(0, self.down_until - now()))
                self.killed.clear()
                continue
            sleep(self.dice.uniform(0, 15), self.killed)
            patience = now() + self.dice.uniform(30, 600)
            while not self.killed.is_set() and not ended.is_set():
                answer = self.ask("acquire")
                if answer and answer.get("held"):
                    self.work()
                    break
                if now() > patience:
                    self.ask("release")
                    break
                sleep(self.dice.uniform(0.8, 1.1) * (answer or {}).get("retry_after_ms", 3000) / 1000, self.killed)

    def kill(self, down_s):
        """As if the power went: how many processes that were."""
        with self.lock:
            self.down_until = now() + down_s
            self.killed.set()
            processes, self.running = self.running, []
            alive = [process for process in processes if process.poll() is None]
            for process in alive:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        return len(alive)


class Observer(threading.Thread):
    """Sees what the computers keep of their leases, in the order in which they write it, and nothing of the server."""

    MOVED_TO, DELETE = 0x80, 0x200

    def __init__(self, computers):
        super().__init__(daemon=True)
        self.computers, self.libc = computers, ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_CLOEXEC)
        self.watched = {}
        for computer in computers:
            path = f"{folder}/state-{computer.name}/planner/seat"
            watch = self.libc.inotify_add_watch(self.fd, path.encode(), self.MOVED_TO | self.DELETE)
            assert watch > 0, path
            self.watched[watch] = (computer, path)
        self.until = {computer.name: None for computer in computers}  # (boot id, boot ms) or a day
        self.tenancies = {}
        self.grants = []  # (computer, when it was seen)
        self.spans = {computer.name: [] for computer in computers}  # [from, to] in seconds of the hour, by its own view
        self.most, self.lines = 0, open("observer.log", "w")

    def holds(self, computer):
        until = self.until[computer.name]
        if until is None:
            return False
        boot_id, boot_ms, day = until
        if day:
            return True  # no day goes by in an hour
        return boot_id == computer.boot_id and computer.boot_ms() < boot_ms

    def end_of(self, computer):
        boot_id, boot_ms, day = self.until[computer.name]
        return 10 * HOUR_S if day else now() + (boot_ms - computer.boot_ms()) / 1000

    def read(self, computer, path):
        try:
            with open(f"{path}/lease.oak", "rb") as file:
                _, body, _ = cbor2.loads(file.read())
        except (OSError, ValueError):
            return  # replaced or taken away: its own event follows
        document, boot_id, sent_at_ms, *_ = cbor2.loads(body)
        lease = cbor2.loads(cbor2.loads(document).value[2])
        self.close_span(computer)
        self.until[computer.name] = (boot_id.hex(), sent_at_ms + lease[TTL] * 1000, lease.get(15))
        if self.holds(computer):
            self.spans[computer.name].append([now(), self.end_of(computer)])
        if self.tenancies.get(computer.name) != lease[LEASE]:
            self.tenancies[computer.name] = lease[LEASE]
            self.grants.append((computer.name, now()))

    def close_span(self, computer):
        spans = self.spans[computer.name]
        if spans and spans[-1][1] > now():
            spans[-1][1] = now()

    def run(self):
        while True:
            data = os.read(self.fd, 65536)
            while data:
                watch, mask, _, size = struct.unpack_from("iIII", data)
                name = data[16:16 + size].rstrip(b"\0").decode()
                data = data[16 + size:]
                if watch not in self.watched or name != "lease.oak":
                    continue
                computer, path = self.watched[watch]
                if mask & self.DELETE:
                    self.close_span(computer)
                    self.until[computer.name] = None
                    continue
                self.read(computer, path)
                holders = [other.name for other in self.computers if self.holds(other)]
                self.lines.write(f"{now():9.2f} {computer.name} holders={len(holders)} {' '.join(holders)}\n")


PLAY_AGAIN = 3  # exit code

# Field numbers of the lease document (docs/format.md, "Fields").
LEASE, TTL = 50, 51


def ends_of_stretch(asks, index, may_be):
    """The first of the asks up to `index` with which this place in the line may have begun, or must have."""
    first = index
    while first > 0:
        sent, answered, kind, _ = asks[first]
        before_sent, before_answered, before_kind, _ = asks[first - 1]
        if before_kind in ("held", "left"):
            break
        if may_be:
            gap = sent - (before_answered or before_sent)
            # What was lost may have brought the place, or the seat itself; a server that was killed takes nobody for impatient.
            if gap > PATIENCE_S and before_kind != "lost" and not any(before_sent < kill < sent for kill in server_kills):
                break
        elif before_kind != "waiting" or kind == "lost" or answered is None or answered - before_sent > PATIENCE_S:
            break
        first -= 1
    return first


def who_was_passed_over(computers, observer):
    """For each seat that was newly lent: those who surely waited before, and those who surely held one meanwhile, leave room for it."""
    faults, looked_at, waited = [], 0, 0
    for name, seen in observer.grants:
        own = next(c for c in computers if c.name == name).asks
        index = max((i for i, ask in enumerate(own) if ask[0] <= seen), default=None)
        if index is None:
            continue
        looked_at += 1
        joined = own[ends_of_stretch(own, index, True)][0]
        waited += joined < own[index][0]
        sent = own[index][0]
        busy = {}
        for other in computers:
            if other.name == name:
                continue
            if any(begin <= joined and end >= seen for begin, end in observer.spans[other.name]):
                busy[other.name] = "holds one"
            asks = other.asks
            last = max((i for i, ask in enumerate(asks) if ask[1] is not None and ask[1] <= sent), default=None)
            if last is None or asks[last][2] != "waiting" or seen - asks[last][0] > PATIENCE_S:
                continue
            if any(asks[last][0] < ask[0] <= seen for ask in asks[last + 1:] if ask[2] in ("held", "left", "lost")):
                continue
            first = asks[ends_of_stretch(asks, last, False)]
            if first[1] is not None and first[1] < joined:
                busy[other.name] = f"waits since {first[0]:.1f} to {asks[last][0]:.1f}"
        if len(busy) + 1 > SEATS:
            faults.append(f"{name} got a seat at {seen:.1f} s (asked at {sent:.1f}, in the line since {joined:.1f}), and before it were {busy}; it had asked: {own[max(0, index - 5):index + 1]}")
    return faults, looked_at, waited


server_kills = []


def wreak(server, computers, dice):
    """Kills, cuts, restarts and clocks that are set, until the hour is over and there were enough kills."""
    counts = {"computers": 0, "server": 0, "cuts": 0, "started anew": 0, "clocks set": 0}
    pause = HOUR_S * 0.8 / KILLS
    restart_at, mend = None, {}
    while now() < HOUR_S or counts["computers"] + counts["server"] < KILLS:
        if now() > 4 * HOUR_S:
            break
        sleep(dice.uniform(0.2, 1.4) * pause)
        for name in [name for name, until in mend.items() if until < now()]:
            del mend[name]
            next(m for m in [server, *computers] if m.name == name).set_link(True)
        if restart_at is not None and now() > restart_at:
            server.serve()
            restart_at = None
        event = dice.random()
        if event < 0.06 and restart_at is None:
            server.process.kill()
            server.process.wait()
            server_kills.append(now())
            counts["server"] += 1
            # A host whose clock was set and that is started anew at once is believed: nobody could know better.
            if dice.random() < 0.4 and not server.is_clock_news():
                server.start_anew()
                counts["started anew"] += 1
            restart_at = now() + dice.choice([0, 2, 10, 60])
        elif event < 0.11:
            victim = dice.choice([server, *computers])
            victim.set_link(False)
            mend[victim.name] = now() + dice.uniform(5, 150)
            counts["cuts"] += 1
        elif event < 0.15:
            victim = dice.choice([server, *computers])
            # A computer's calendar only goes ahead: set back it is found out, or has a borrowed seat for longer.
            victim.set_at = now()
            victim.write_clock(dice.choice([0, 3_600, 86_400, 400 * 86_400]) if victim is server else victim.calendar_ahead_s + dice.choice([60, 3_600]))
            counts["clocks set"] += 1
        else:
            victim = dice.choice([c for c in computers if c.running] or computers)
            killed = victim.kill(dice.choice([0, 1, 5, 20, 130, 160]))
            counts["computers"] += killed
            if killed and dice.random() < 0.1:
                victim.start_anew()
                counts["started anew"] += 1
    for name in mend:
        next(m for m in [server, *computers] if m.name == name).set_link(True)
    return counts


def main():
    run("ip", "netns", "add", "lan")
    run("ip", "-n", "lan", "link", "add", "lan0", "type", "bridge")
    run("ip", "-n", "lan", "link", "set", "lan0", "up")
    server = Server("srv", "10.77.0.1")
    computers = [Computer(number, server) for number in range(1, COMPUTERS + 1)]
    server.serve()
    for _ in range(200):
        if "lending" in open("server.log").read():
            break
        time.sleep(0.05)
    else:
        raise SystemExit("the server does not begin: " + open("server.log").read())
    for computer in computers:
        computer.enrol()
    observer = Observer(computers)
    observer.start()
    people = [threading.Thread(target=computer.live, daemon=True) for computer in computers]
    for person in people:
        person.start()
    counts = wreak(server, computers, random.Random(seed))
    took = now()
    ended.set()
    for computer in computers:
        computer.kill(0)
    for person in people:
        person.join(10)
    server.process.kill()
    time.sleep(0.1)
    observer.lines.close()
    kills = counts["computers"] + counts["server"]
    most = max((int(found) for found in re.findall(r"holders=(\d+)", open("observer.log").read())), default=0)
    faults, looked_at, waited = who_was_passed_over(computers, observer)
    asks = [ask for computer in computers for ask in computer.asks]
    print(f"{took / 60:.0f} minutes; {kills} kills ({counts['server']} of the server), {counts['cuts']} cuts, {counts['started anew']} machines started "
          f"anew, {counts['clocks set']} clocks set; {len(asks)} questions, {sum(ask[1] is None for ask in asks)} without an answer")
    print(f"{len(observer.grants)} seats lent, {waited} of them after a wait in the line; {len(faults)} of {looked_at} out of turn")
    for fault in faults:
        print("  " + fault)
    print(f"observer: at most {most} of {COMPUTERS} computers held one of {SEATS} seats")
    if most > SEATS or faults:
        return 1
    # Where too little happened, nothing was shown: neither that the rules hold nor that they don't.
    shows_enough = kills >= KILLS and most == SEATS and len(observer.grants) >= 10 and waited >= 3
    return 0 if shows_enough else PLAY_AGAIN


sys.exit(main())
