"""Lists to load into a mail tool: the only place where pseudonyms meet names and addresses again."""

from shindan.lists.export import confirmed, said, write
from shindan.lists.kept import confirm, keep, waiting
from shindan.lists.step import make

__all__ = ["confirm", "confirmed", "keep", "make", "said", "waiting", "write"]
