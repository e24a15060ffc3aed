"""OAK verifier for Python 3.8 and later: is this start of the product covered by an activation of this machine?

    import oak_verifier
    answer = oak_verifier.check("planner", "3.5.1", seats_in_use=2)
    if not answer.active:
        print(answer.text)

One module over liboakverifier.so.1 by ctypes, with no other dependency: copy it into your product.

Verdict      An answer, yes or no and which no, is an Answer. It is not enforcement: never stop a running plant over it.
Failure      Where the library could not answer, such as for want of permission, NoAnswer is raised; it says nothing of the licence.
Ownership    Everything given to the library is copied, and everything that comes back is Python's.
Threads      Verifiers are independent; one verifier serves one thread at a time. The interpreter's lock is free during a call.
Environment  The library and this module read no environment variable; the loader that finds the library does.
"""

import ctypes
import enum
import json
from types import TracebackType
from typing import Any, Dict, NamedTuple, Optional, Type, Union

__all__ = ["Answer", "NoAnswer", "Status", "Verdict", "Verifier", "check"]


class Verdict(enum.IntEnum):
    """What the answer is. 0 never comes with success; take a number that is not here for "not active"."""

    NOT_VERIFIED = 0
    ACTIVE = 1
    REBIND = 2
    CLOCK_SET_BACK = 3
    EXPIRED = 4
    NOT_YET_VALID = 5
    REVOKED = 6
    SUPERSEDED = 7
    RETURNED = 8
    UNTRUSTED = 9
    MALFORMED = 10
    NOT_ACTIVATED = 11


class Status(enum.IntEnum):
    """Whether there is an answer. oak_verifier.h says what each means."""

    OK = 0
    BAD_ARGUMENT = 1
    TOO_SMALL = 2
    NOT_CHECKED = 3
    NO_MEMORY = 4
    PERMISSION = 5
    IO = 6
    KEY_MISSING = 7
    UNSAFE_FILE = 8
    DAMAGED_KEY = 9
    INTERNAL = 10


class NoAnswer(Exception):
    """The library could not answer. `status` is its number (a Status, or an int that this module does not know)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = _known(Status, status)


class Answer(NamedTuple):
    """What a check found."""

    verdict: Union[Verdict, int]
    """Why, and which; an int where the library is newer than this module."""
    text: str
    """Lines for the person at the screen: the verdict, a line a reason, and last the command that helps."""
    data: Dict[str, Any]
    """The object of `oak-verifier check --json`: times are seconds since 1970-01-01 UTC."""

    @property
    def active(self) -> bool:
        return self.verdict == Verdict.ACTIVE


class _Config(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("seats_in_use", ctypes.c_uint32),
        ("product", ctypes.c_char_p),
        ("version", ctypes.c_char_p),
        ("trust", ctypes.c_char_p),
        ("trust_len", ctypes.c_size_t),
        ("state_dir", ctypes.c_char_p),
    ]


def _known(kind: Type[enum.IntEnum], number: int) -> Any:
    try:
        return kind(number)
    except ValueError:
        return number


def _load(path: str) -> ctypes.CDLL:
    library = ctypes.CDLL(path)
    handle, length = ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)
    for function, arguments in {
        "oak_open": [ctypes.POINTER(_Config), ctypes.POINTER(handle)],
        "oak_check": [handle, ctypes.POINTER(ctypes.c_int)],
        "oak_answer_json": [handle, ctypes.c_char_p, length],
        "oak_answer_text": [handle, ctypes.c_char_p, length],
    }.items():
        getattr(library, function).argtypes = arguments
    library.oak_close.argtypes = [handle]
    library.oak_close.restype = None
    library.oak_status_name.argtypes = [ctypes.c_int]
    library.oak_status_name.restype = ctypes.c_char_p
    return library


class Verifier:
    """What is stored for one product, opened and verified once; a context manager.

    product       as the vendor's desk spells it
    version       of the running product: "3.5.1", "4.0-rc1"
    seats_in_use  how many seats the product uses just now; 0: not asked
    trust         the vendor's trust document; None: built in, else the site's file
    state_dir     None: /var/lib/oak
    library       the name or path that is loaded
    """

    def __init__(
        self,
        product: str,
        version: str,
        seats_in_use: int = 0,
        trust: Optional[bytes] = None,
        state_dir: Optional[str] = None,
        library: str = "liboakverifier.so.1",
    ) -> None:
        self._handle = ctypes.c_void_p()
        self._library = _load(library)
        for text in (product, version, state_dir or ""):
            if "\0" in text:  # C would end the text there
                raise ValueError("product, version and state_dir hold no NUL")
        if not 0 <= seats_in_use < 1 << 32:  # ctypes would keep 32 bits of it
            raise ValueError("seats_in_use is 0 to 4294967295")
        config = _Config(
            ctypes.sizeof(_Config),
            seats_in_use,
            product.encode(),
            version.encode(),
            trust,
            0 if trust is None else len(trust),
            None if state_dir is None else state_dir.encode(),
        )
        status = self._library.oak_open(ctypes.byref(config), ctypes.byref(self._handle))
        if status != Status.OK:
            raise NoAnswer(status, "no answer: " + self._library.oak_status_name(status).decode())

    def check(self) -> Answer:
        """Reads the hardware and judges. May be called again."""
        if not self._handle:
            raise ValueError("the verifier is closed")
        verdict = ctypes.c_int(0)
        status = self._library.oak_check(self._handle, ctypes.byref(verdict))
        text = self._read(self._library.oak_answer_text)
        if status != Status.OK:
            raise NoAnswer(status, text.strip() or "no answer: " + self._library.oak_status_name(status).decode())
        return Answer(_known(Verdict, verdict.value), text, json.loads(self._read(self._library.oak_answer_json)))

    def _read(self, function: Any) -> str:
        length = ctypes.c_size_t(0)
        if function(self._handle, None, ctypes.byref(length)) != Status.TOO_SMALL:
            return ""
        buffer = ctypes.create_string_buffer(length.value)
        function(self._handle, buffer, ctypes.byref(length))
        return buffer.value.decode()

    def close(self) -> None:
        """Releases the library's handle; doing it again does nothing."""
        handle, self._handle = self._handle, ctypes.c_void_p()
        self._library.oak_close(handle)

    def __enter__(self) -> "Verifier":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self.close()


def check(
    product: str,
    version: str,
    seats_in_use: int = 0,
    trust: Optional[bytes] = None,
    state_dir: Optional[str] = None,
    library: str = "liboakverifier.so.1",
) -> Answer:
    """One check at start: open, check, close. The arguments are Verifier's."""
    with Verifier(product, version, seats_in_use, trust, state_dir, library) as verifier:
        return verifier.check()
