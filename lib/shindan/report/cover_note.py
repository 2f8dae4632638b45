"""email.md: the note that goes with the report, in the client's language, from the results alone."""

from shindan.characters import seen

FINDINGS = 3


def write(results, settings, names, say, protected):
    """The note's text. `names`: the files delivered; `protected`: the PDF asks for a password."""
    summary = results["summary"]["tables"]
    findings = [row["finding"] for row in summary.get("findings", [])[:FINDINGS]]
    offers = [row["title"] for row in summary.get("proposals", [])]
    missing = [row["why"] for row in summary.get("not_shown", [])][:FINDINGS]
    about = {"client": _line(settings.name), "consultant": _line(settings.consultant) or say("report.email.we"),
             "as_of": _day(results["summary"]["as_of"])}
    parts = [say("report.email.subject", **about), say("report.email.greeting", **about), say("report.email.opening", **about)]
    parts += [_section(say, "findings", findings, numbered=True), _section(say, "proposals", offers, numbered=True)]
    parts += [_section(say, "files", [say(f"report.email.file.{name}") for name in names if say.has(f"report.email.file.{name}")])]
    parts += [say("report.email.password")] * protected + [_section(say, "missing", missing), say("report.email.closing", **about)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _day(words):
    import datetime

    return datetime.date.fromisoformat(words)


def _section(say, name, items, numbered=False):
    if not items:
        return ""
    marks = [f"{i}." if numbered else "-" for i in range(1, len(items) + 1)]
    return "\n".join([f"## {say(f'report.email.{name}')}", "", *(f"{mark} {_line(item)}" for mark, item in zip(marks, items, strict=True))])


def _line(text):
    """One line without control and direction marks, at most 300 characters."""
    return " ".join(seen(text).split())[:300]
