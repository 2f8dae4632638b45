"""Every failure a user can meet: an exit code, what happened, where, and how to mend it."""

OK = 0
BAD_USAGE = 10
BAD_CONFIG = 11
INPUT_MISSING = 20
INPUT_INVALID = 21
INPUT_OVER_LIMIT = 22
NOTHING_COMPUTED = 30
LOCKED = 40
RESOURCES = 50
CHAPTER_FAILED = 60
PUBLISH_FAILED = 70
INTERRUPTED = 130


FULL = ("no space left on device", "disk quota exceeded", "cannot allocate memory", "too many open files",
        "out of memory", "errno 28", "errno 122")
SCARCE = ("MemoryError", "OutOfMemoryException", "ArrowMemoryError", "DeadKernelError", "CellTimeoutError")


class ShindanError(Exception):
    """A failure with a contract: `code` is the exit code; the text never holds a customer's data."""

    def __init__(self, code, what, where="", mend=""):
        self.code, self.what, self.where, self.mend = code, what, where, mend
        super().__init__(str(self))

    def __str__(self):
        first, *more = self.what.split("\n")
        parts = [f"{first} [{self.code}]", *more]
        if self.where:
            parts.append(f"  where / 場所: {self.where}")
        if self.mend:
            parts.append(f"  mend / 直し方: {self.mend}")
        return "\n".join(parts)


def code_of(name, words):
    """The code of an exception of somebody else's, by its name and words: scarce memory or disk, or a fault."""
    scarce = name in SCARCE or any(sign in str(words).lower() for sign in FULL)
    return RESOURCES if scarce else CHAPTER_FAILED


def said(words):
    """The ShindanError whose text is `words` (it was raised in another process)."""
    first, *more = words.split("\n")
    what, _, code = first.rpartition(" [")
    error = ShindanError(int(code.rstrip("]")), what)
    error.where, error.mend = (next((m.split(": ", 1)[1] for m in more if m.startswith(f"  {k} /")), "")
                               for k in ("where", "mend"))
    return error


def chain(error):
    """`error` and what it was raised of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
