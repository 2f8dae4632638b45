"""Who is due for which message, who is stopped, what fits under the cap, who is left out at random.

Nothing here knows a name, an address or a file: people are pseudonyms, tables come in and go out.
"""

from shindan.scenarios.catalogue import files, load
from shindan.scenarios.known import Known
from shindan.scenarios.planned import plan

__all__ = ["Known", "files", "load", "plan"]
