"""Shindan (通販診断): the mail-order diagnostic, from a client's files to a client's report.

A notebook needs one name from here: ``shindan.open(client, chapter)``.
"""

__version__ = "0.1.0"


def open(client, chapter="explore", run=""):  # noqa: A001 - the verb a notebook reads
    """One client's tables, settings and words, ready for a chapter (see shindan.chapter.Chapter)."""
    from shindan.chapter import Chapter

    return Chapter(client, chapter, run)
