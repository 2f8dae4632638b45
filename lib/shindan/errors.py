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


class ShindanError(Exception):
    """A failure with a contract: `code` is the exit code; the text never holds a customer's data."""

    def __init__(self, code, what, where="", mend=""):
        self.code, self.what, self.where, self.mend = code, what, where, mend
        super().__init__(str(self))

    def __str__(self):
        parts = [self.what]
        if self.where:
            parts.append(f"  where / 場所: {self.where}")
        if self.mend:
            parts.append(f"  mend / 直し方: {self.mend}")
        return "\n".join(parts)
