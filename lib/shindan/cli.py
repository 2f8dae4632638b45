"""The `shindan` command: thin words around run and publish; every failure is one of errors' codes."""

import argparse
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
import traceback

from shindan import config, errors


def main(argv=None):
    """Run one command; the return value is the exit code (DESIGN: errors.py)."""
    code = _run(argv)
    if code and os.environ.get("SHINDAN_STATUS"):
        with open(os.environ["SHINDAN_STATUS"], "a", encoding="ascii") as status:
            status.write(f"{code}\n")
    return code


def _run(argv):
    try:
        args = _parser().parse_args(argv)
        return args.run(args) or errors.OK
    except errors.ShindanError as error:
        print(f"\nshindan: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("\nshindan: interrupted / 中断しました", file=sys.stderr)
        return errors.INTERRUPTED
    except (MemoryError, OSError) as error:
        print(f"\nshindan: memory, disk or file system: {type(error).__name__} {_os_words(error)}\n"
              "  mend / 直し方: free some memory or disk and run the same command again",
              file=sys.stderr)
        return errors.RESOURCES
    except SystemExit as stop:  # argparse
        return errors.BAD_USAGE if stop.code else errors.OK
    except Exception as error:  # a message of a library may quote a customer's row: only its place is shown
        return _unexpected(error)


def _unexpected(error):
    if "OutOfMemory" in type(error).__name__:
        print("\nshindan: the engine ran out of memory\n  mend / 直し方: close other programs, or use a "
              "machine with more memory", file=sys.stderr)
        return errors.RESOURCES
    frame = traceback.extract_tb(error.__traceback__)[-1]
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "shindan" in f.filename]
    place = ours[-1] if ours else frame
    print(f"\nshindan: unexpected {type(error).__name__}\n  where / 場所: "
          f"{os.path.basename(place.filename)}, line {place.lineno}\n"
          "  mend / 直し方: this is a fault of the program; SHINDAN_DEBUG=1 shows all of it "
          "(it may show customer data: keep it to yourself)", file=sys.stderr)
    if os.environ.get("SHINDAN_DEBUG"):
        traceback.print_exception(error)
    return errors.CHAPTER_FAILED


def _os_words(error):
    return getattr(error, "strerror", None) or ""


def _parser():
    parser = argparse.ArgumentParser(prog="shindan", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name, run, words, *arguments):
        command = commands.add_parser(name, help=words)
        for argument in arguments:
            command.add_argument(argument)
        command.set_defaults(run=run)
        return command

    add("report", report, "the whole diagnosis, holding the client's lock", "client")
    add("check", check, "read the files and reconcile, nothing else", "client")
    add("tables", tables, "raw files -> tables (a step of report)", "client")
    add("chapter", chapter, "run one chapter (a step of report)", "client", "name")
    add("publish", publish, "chapters -> PDF, workbook, manifest (a step of report)", "client")
    add("verify", verify, "check the latest delivery against its manifest", "client")
    add("new", new, "a folder for a new client", "client")
    add("workbench", workbench, "copies of the notebooks to explore a client in", "client")
    add("purge", purge, "delete everything derived of a client", "client")
    demo = add("demo", make_demo, "write the demo client's files")
    demo.add_argument("--orders", type=int, default=None, help="about how many orders")
    demo.add_argument("--into", default=None, help="folder (default: the demo client's raw/)")
    return parser


def report(args):
    """Hold the client's lock and let make run what is stale."""
    folder = config.Folder(args.client).require()
    config.load(folder)
    with locked(folder) as lock:
        status = folder.work / "status"
        status.parent.mkdir(exist_ok=True)
        status.unlink(missing_ok=True)
        make = os.environ.get("MAKE_COMMAND", "make")
        done = subprocess.run(
            [make, "--no-print-directory", "-s", f"-j{os.cpu_count() or 2}", "steps", f"CLIENT={args.client}"],
            env={**_environment(), "SHINDAN_STATUS": str(status)}, cwd=_root(),
            pass_fds=[lock.fileno()])  # the lock lives as long as any step does
        if done.returncode:
            return _worst(status) or errors.CHAPTER_FAILED
    print(f"PDF  client_data/{args.client}/deliverables/latest/report.pdf")
    print(f"表   client_data/{args.client}/deliverables/latest/workbook.xlsx")


def _environment():
    """Ours without the outer make's flags (its -j and overrides must not leak in)."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")}


def _worst(status):
    codes = status.read_text("ascii").split() if status.is_file() else []
    return int(codes[0]) if codes else None


def _root():
    from pathlib import Path

    return Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def locked(folder):
    """One run a client at a time; the second stops at once (exit 40)."""
    with open(folder.path / ".lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise errors.ShindanError(
                errors.LOCKED, "Another run of this client is going on / 同じクライアントの処理が実行中です",
                f"client_data/{folder.client}", "wait until it has ended, then run again") from None
        yield lock


def check(args):
    """What each file is, intake and reconciliation, printed; a suggestion for files nobody reads."""
    from shindan import intake, text
    from shindan.intake import recognise, said, starter

    folder = config.Folder(args.client).require()
    settings = config.load(folder)
    words = text.Text(settings.language, settings.currency)
    with locked(folder):
        looks = recognise.look(folder, settings.sources)
        print(said.recognised(looks, words))
        suggested = starter.write(folder, looks)
        if suggested:
            print(words("data.check.suggested", file=f"client_data/{args.client}/client.yaml.suggested") + "\n")
        if suggested and not settings.sources:
            settings = config.with_sources(settings, suggested)
            print(words("data.check.as_suggested") + "\n")
        intake.run(folder, settings)
        print(said.summary(intake.facts(folder), words))


def _step(words, work, *args):
    start = time.monotonic()
    print(f"  … {words}", flush=True)
    result = work(*args)
    print(f"  ✓ {words}  {time.monotonic() - start:.1f} s", flush=True)
    return result


def tables(args):
    from shindan import run

    _step("tables  読込・突合", run.tables, args.client)


def chapter(args):
    from shindan import run

    _step(f"chapter {args.name}", run.chapter, args.client, args.name)


def publish(args):
    from shindan import publish as publishing

    _step("report  PDF・ブック", publishing.publish, args.client)


def verify(args):
    from shindan import publish as publishing

    manifest = publishing.verify(args.client)
    print(f"ok: {len(manifest['outputs'])} files, as of {manifest['as_of']}, code {manifest['code'][:12]}")


def new(args):
    """A folder from templates/client; a client with a client.yaml is never touched, nor a file in raw/."""
    folder = config.Folder(args.client)
    if folder.config_file.exists():
        raise errors.ShindanError(errors.BAD_USAGE, f"{args.client} exists already",
                                  f"client_data/{args.client}", "choose another name")
    for file in sorted((_root() / "templates" / "client").rglob("*")):
        target = folder.path / file.relative_to(_root() / "templates" / "client")
        if file.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    there = any(f.is_file() and not f.name.startswith(".") for f in folder.raw.rglob("*"))
    first = "" if there else "1. put the files into raw/  2. "
    print(f"client_data/{args.client}/  {first}make check CLIENT={args.client}")


def workbench(args):
    from shindan import run

    print(run.workbench(args.client))


def purge(args):
    """Delete what was derived (work/); raw/, client.yaml and deliverables/ stay."""
    folder = config.Folder(args.client).require()
    with locked(folder):
        shutil.rmtree(folder.work, ignore_errors=True)
    print(f"deleted client_data/{args.client}/work")


def make_demo(args):
    from pathlib import Path

    from shindan import demo

    into = Path(args.into) if args.into else config.Folder("demo").path / "raw"
    demo.write(into, **({"orders": args.orders} if args.orders else {}))


if __name__ == "__main__":
    sys.exit(main())
