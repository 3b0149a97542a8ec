"""Students who attack the machine that grades them: contained by the jail, or not at all.

An attack that succeeds leaves evidence: its name in @canary@ or with a listener, a secret in its
notebook, a process, a file.  Words like @canary@ stand for places that the tests make.
"""

from __future__ import annotations

from tests.attacks.hostile import TWIN, Attack

READING = [
    Attack(
        "reads-a-file",
        "a secret in a directory of the grader's",
        twin="print(open('@canary@/secret').read())",
    ),
    Attack(
        "reads-through-links",
        "the same by a symbolic and a hard link in the working directory and in the spool",
        twin="""
import os
for place in (".", os.environ["BEYOND_SEQUENTIAL_SPOOL"]):
    for link in (os.symlink, os.link):
        try:
            link("@canary@/secret", f"{place}/{link.__name__}")
            print(open(f"{place}/{link.__name__}").read())
        except OSError as error:
            print(error)
os.symlink("@canary@/secret", os.environ["BEYOND_SEQUENTIAL_SPOOL"] + "/introduction-twin.9.answer")
""",
    ),
    Attack(
        "reads-the-seed",
        "the seed of the holdout, the gradebook and the submissions of others",
        twin="""
import pathlib
for path in ("course_seed", "gradebook.db", "nbgrader_config.py",
             "submitted/aa-honest/attacks/attacks.ipynb"):
    try:
        print("STOLEN", path, pathlib.Path("@course@", path).read_bytes()[:200])
    except OSError as error:
        print(error)
""",
    ),
    Attack(
        "reads-the-solution",
        "the solution, which is then handed in",
        twin="""
import json, pathlib, re
for path in pathlib.Path("@course@/source").rglob("1-*.ipynb"):
    for cell in json.loads(path.read_text())["cells"]:
        text = "".join(cell["source"])
        if "def build_twin" in text:
            print("STOLEN")
            exec(re.sub("(?m)^draw.*", "", text))
""",
    ),
    Attack(
        "reads-the-environment",
        "the environment of this and of every other process",
        twin="""
import glob, os
print(os.environ.get("BS_SECRET"))
for path in glob.glob("/proc/*/environ"):
    try: text = open(path, "rb").read()
    except OSError: continue
    if b"BS_SECRET=" in text: print("STOLEN", text[text.index(b"BS_SECRET="):][:60])
""",
    ),
    Attack(
        "reads-memory",
        "the memory of its parents, by /proc, by process_vm_readv and by ptrace",
        twin="""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in {os.getppid(), 1, *[int(p) for p in os.listdir("/proc") if p.isdigit()]} - {os.getpid()}:
    try:
        maps = open(f"/proc/{pid}/maps").read()
        with open(f"/proc/{pid}/mem", "rb") as file:
            file.seek(int(maps.split("-")[0], 16))
            print("STOLEN", pid, file.read(16))
    except (OSError, ValueError, OverflowError, IndexError):
        pass
    if libc.ptrace(16, pid, 0, 0) == 0:
        print("STOLEN by ptrace", pid)
        libc.ptrace(17, pid, 0, 0)
""",
    ),
]

WRITING = [
    Attack(
        "writes-a-file",
        "a new file, an old one changed, removed, renamed, its permissions opened",
        twin="""
import os, pathlib
place = pathlib.Path("@canary@")
for act in (lambda: (place / "@name@").write_text("x"),
            lambda: open(place / "secret", "a").write("@name@"),
            lambda: os.chmod(place / "secret", 0o777),
            lambda: os.utime(place / "secret", (0, 0)),
            lambda: os.rename(place / "secret", place / "@name@"),
            lambda: os.setxattr(place / "secret", "user.x", b"@name@"),
            lambda: os.unlink(place / "secret")):
    try: act()
    except OSError as error: print(error)
""",
    ),
    Attack(
        "writes-to-the-course",
        "marks in the gradebook, a new configuration, a seed of its own",
        twin="""
import pathlib, sqlite3
course = pathlib.Path("@course@")
try:
    book = sqlite3.connect(course / "gradebook.db", timeout=1)
    book.execute("update grade set manual_score = 100, auto_score = 100")
    book.commit()
except Exception as error: print(error)
for name in ("course_seed", "nbgrader_config.py", "release/@name@"):
    try: (course / name).write_text("1")
    except OSError as error: print(error)
""",
    ),
    Attack(
        "waits-at-the-notebook",
        "a link where nbgrader will write the graded notebook, to a file of the grader's",
        twin="""
import os
for name in ("attacks.ipynb", "../attacks.ipynb", "../../../gradebook.db"):
    try: os.unlink(name)
    except OSError: pass
    try: os.symlink("@canary@/secret", name)
    except OSError as error: print(error)
""",
    ),
    Attack(
        "leaves-settings",
        "settings for Keras, IPython and Python that the next student's kernel would read",
        twin="""
import os, pathlib, site, sys
home = pathlib.Path(os.path.expanduser("~"))
for path, text in (
    (home / ".keras/keras.json", '{"floatx": "float16", "backend": "torch"}'),
    (home / ".ipython/profile_default/startup/00.py", "check = None"),
    (home / ".jupyter/jupyter_config.py", "raise SystemExit"),
    (pathlib.Path(site.getusersitepackages()) / "usercustomize.py", "raise SystemExit"),
    *((pathlib.Path(p) / "bs_attack.pth", "import os; os._exit(1)") for p in sys.path if p),
):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error: print(error)
""",
    ),
    Attack(
        "leaves-files",
        "files in every place where one can write, for the next student",
        twin="""
import os
for place in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/"):
    try: open(f"{place}/bs-attack-left", "w").write("x")
    except OSError as error: print(error)
""",
    ),
    Attack(
        "fills-the-disk",
        "the working directory and /tmp, with what is unlinked and with what is not",
        twin="""
import os
kept = []
for place in (".", "/tmp", "/dev/shm", os.environ["BEYOND_SEQUENTIAL_SPOOL"]):
    for number in range(200):
        try:
            file = open(f"{place}/fill{number}", "wb"); kept.append(file)
            if number % 2: os.unlink(file.name)
            for _ in range(100): file.write(bytes(1 << 20))
        except OSError as error:
            print(error); break
""",
    ),
]

SPEAK = """
import socket
def tell(family, kind, address):
    try:
        with socket.socket(family, kind) as it:
            it.settimeout(2)
            it.connect(address)
            it.sendall(b"@name@")
            print("SENT", address)
    except (OSError, AttributeError) as error: print(error)
"""
NETWORK = [
    Attack(
        "tcp",
        "connects to a server on this machine, over IPv4 and IPv6",
        twin=SPEAK
        + """
tell(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", @tcp@))
tell(socket.AF_INET6, socket.SOCK_STREAM, ("::1", @tcp@))
tell(socket.AF_INET6, socket.SOCK_STREAM, ("::ffff:127.0.0.1", @tcp@))
""",
    ),
    Attack(
        "udp",
        "sends a datagram, connected and not",
        twin=SPEAK
        + """
tell(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", @udp@))
try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"@name@", ("127.0.0.1", @udp@))
except OSError as error: print(error)
""",
    ),
    Attack(
        "unix-sockets",
        "a socket in the file system, and one with an abstract name",
        twin=SPEAK
        + """
tell(socket.AF_UNIX, socket.SOCK_STREAM, "@unix@")
tell(socket.AF_UNIX, socket.SOCK_STREAM, "\\0@abstract@")
""",
    ),
    Attack(
        "other-sockets",
        "vsock, netlink, packets and raw sockets",
        twin="""
import socket
for family, kind in (("AF_VSOCK", 1), ("AF_PACKET", 3), ("AF_NETLINK", 3), ("AF_INET", 3),
                     ("AF_ALG", 5), ("AF_BLUETOOTH", 1)):
    try:
        made = socket.socket(getattr(socket, family), kind)
        print("OPEN", family) if family != "AF_NETLINK" else None
        made.connect((2, 22)) if family == "AF_VSOCK" else None
    except (OSError, AttributeError) as error: print(family, error)
""",
    ),
    Attack(
        "downloads",
        "a program, by pip and by urllib",
        twin="""
import subprocess, sys, urllib.request
try: print("SENT", urllib.request.urlopen("http://127.0.0.1:@tcp@/@name@", timeout=3))
except Exception as error: print(error)
try: subprocess.run([sys.executable, "-m", "pip", "download", "-i", "http://127.0.0.1:@tcp@/@name@",
                     "keras"], timeout=10)
except Exception as error: print(error)
""",
    ),
]

PROCESSES = [
    Attack(
        "fork-bomb",
        "processes that make processes",
        twin="""
import os
while True:
    try: os.fork()
    except OSError: pass
""",
    ),
    Attack(
        "threads-without-end",
        "threads until there are no more",
        twin="""
import threading, time
try:
    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except Exception as error: print(error)
""",
    ),
    Attack(
        "daemon",
        "a double-forked process that writes when everybody is gone",
        twin="""
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        for _ in range(120):
            time.sleep(1)
            try: open("@canary@/@name@", "w").write("x")
            except OSError: pass
            try: open("/tmp/bs-attack-left", "w").write("x")
            except OSError: pass
    os._exit(0)
""",
    ),
    Attack(
        "a-program-that-stays",
        "a program of the system's, with its own session",
        twin="""
import subprocess
subprocess.Popen(["setsid", "sleep", "98765"], start_new_session=True)
""",
    ),
    Attack(
        "kills",
        "kills its parents, process 1 and everybody",
        twin="""
import os, signal
for pid in (os.getppid(), 1, 0 - os.getpgid(os.getppid()) or -1, -1):
    for number in (signal.SIGTERM, signal.SIGKILL):
        try: os.kill(pid, number)
        except OSError as error: print(error)
""",
    ),
    Attack(
        "saboteur",
        "waits for the spools of the students after it, and empties them",
        twin="""
import glob, os, time
if not os.fork():
    os.setsid()
    end = time.time() + 120
    while time.time() < end:
        for path in glob.glob("/tmp/spool-*/*.answer") + glob.glob("/tmp/answers-*/*.answer"):
            try: open(path, "w").write("@name@")
            except OSError: pass
        time.sleep(0.001)
    os._exit(0)
""",
    ),
    Attack(
        "burns",
        "children that keep every core busy after the cell",
        twin="""
import os
for _ in range(8):
    if not os.fork():
        while True: pass
""",
    ),
]

MEMORY = [
    Attack(
        "heap", "all of the memory", twin="kept = [bytes([7]) * (64 << 20) for _ in range(10**6)]"
    ),
    Attack(
        "shared-memory",
        "the same, as anonymous shared memory and in /dev/shm",
        twin="""
import mmap
kept = []
try:
    for number in range(4000):
        with open(f"/dev/shm/m{number}", "wb") as file: file.write(bytes(64 << 20))
except OSError as error: print(error)
while True:
    piece = mmap.mmap(-1, 64 << 20); piece[:] = bytes([7]) * (64 << 20); kept.append(piece)
""",
    ),
    Attack(
        "many-heaps",
        "the same, in many processes that are each small",
        twin="""
import os, time
for _ in range(200):
    if not os.fork():
        kept = bytes([7]) * (400 << 20)
        time.sleep(60); os._exit(0)
time.sleep(8)
""",
    ),
    Attack(
        "a-gigabyte-of-output",
        "a gigabyte, printed and written to file descriptor 1",
        twin="""
import os
for _ in range(1024):
    print("x" * (1 << 20))
    os.write(1, b"x" * (1 << 16))
""",
    ),
    Attack(
        "a-large-model",
        "a model with ten thousand million weights",
        answers={
            TWIN: """
def build_twin():
    inputs = keras.Input((64,))
    return keras.Model(inputs, layers.Dense(10**9)(layers.Dense(10**9)(inputs)))
"""
        },
    ),
]

CALLS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, number, *args):
    if libc.syscall(number, *args) >= 0: print("DONE", name)
"""
SYSTEM = [
    Attack(
        "namespaces",
        "unshare, setns, mount, pivot_root and chroot",
        twin=CALLS
        + """
call("unshare user", 272, 0x10000000)
call("unshare mount", 272, 0x00020000)
call("mount", 165, b"none", b"/tmp", b"tmpfs", 0, None)
call("umount", 166, b"/", 2)
call("chroot", 161, b"/tmp")
call("pivot_root", 155, b".", b".")
""",
    ),
    Attack(
        "rare-calls",
        "io_uring, bpf, perf_event_open, userfaultfd, keyctl, kexec, modules, open by handle",
        twin=CALLS
        + """
buffer = ctypes.create_string_buffer(256)
call("io_uring", 425, 4, buffer)
call("bpf", 321, 0, buffer, 72)
call("perf", 298, buffer, 0, -1, -1, 0)
call("userfaultfd", 323, 0)
call("add_key", 248, b"user", b"x", b"y", 1, -3)
call("kexec", 246, 0, 0, None, 0)
call("module", 175, buffer, 0, b"")
call("by handle", 304, -100, buffer, 0)
""",
    ),
    Attack(
        "becomes-root",
        "setuid, sudo, su, and capabilities",
        twin="""
import os, subprocess
for command in (["sudo", "-n", "id"], ["su", "-c", "id"], ["mount"], ["unshare", "-r", "id"]):
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=5).stdout
        print("DONE" if "uid=0" in said else "no", command)
    except Exception as error: print(error)
print("DONE" if int([x for x in open("/proc/self/status") if "CapEff" in x][0].split()[1], 16)
      else "no capabilities")
""",
    ),
    Attack(
        "devices-and-clocks",
        "devices, the clock, the host's name, the terminal, core patterns",
        twin="""
import os, socket, time
for act in (lambda: os.mknod("disk", 0o60666, os.makedev(254, 0)) or open("disk", "rb").read(1),
            lambda: open("/dev/mem", "rb").read(1), lambda: open("/dev/vda", "rb").read(1),
            lambda: time.clock_settime(0, 0), lambda: socket.sethostname("x"),
            lambda: open("/proc/sys/kernel/core_pattern", "w").write("|/bin/false"),
            lambda: open("/proc/sysrq-trigger", "w").write("c"),
            lambda: open("/proc/1/oom_score_adj", "w").write("1000"),
            lambda: os.open("/dev/tty", os.O_RDWR)):
    try: act(); print("DONE", act)
    except Exception as error: print(error)
""",
    ),
]

ATTACKS = [*READING, *WRITING, *NETWORK, *PROCESSES, *MEMORY, *SYSTEM]
