"""The `shindan` command: thin words around run and publish; every failure is one of errors' codes."""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

from shindan import config, delivery, errors, seals


def main(argv=None):
    """Run one command; the return value is the exit code (DESIGN: errors.py)."""
    with _ended_by_signals():
        code = _run(argv)
    if code and os.environ.get("SHINDAN_STATUS"):
        with contextlib.suppress(OSError):
            os.write(int(os.environ["SHINDAN_STATUS"]), bytes([code]))  # a pipe of `report`: needs no disk
    return code


@contextlib.contextmanager
def _ended_by_signals():
    """To be told to stop, or to lose the terminal, is an interruption like Ctrl-C."""
    def stop(*_):
        raise KeyboardInterrupt

    before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(argv):
    try:
        args = _parser().parse_args(argv)
        return args.run(args) or errors.OK
    except errors.ShindanError as error:
        print(f"\nshindan: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print(f"\nshindan: interrupted / 中断しました [{errors.INTERRUPTED}]", file=sys.stderr)
        return errors.INTERRUPTED
    except SystemExit as stop:  # argparse
        return errors.BAD_USAGE if stop.code else errors.OK
    except Exception as error:  # a message of a library may quote a customer's row: only its place is shown
        return _unexpected(error)


def _unexpected(error):
    """Memory, disk and file system ran out (50), or a fault of ours (60)."""
    causes = list(errors.chain(error))
    if os.environ.get("SHINDAN_DEBUG"):
        traceback.print_exception(error)
    if any(isinstance(e, (MemoryError, OSError)) or errors.code_of(type(e).__name__, e) == errors.RESOURCES
           for e in causes):
        words = next((e.strerror for e in causes if getattr(e, "strerror", None)), "")
        print(f"\nshindan: memory, disk or file system: {type(error).__name__} {words} [{errors.RESOURCES}]\n"
              "  mend / 直し方: free some memory or disk and run the same command again", file=sys.stderr)
        return errors.RESOURCES
    frames = traceback.extract_tb(error.__traceback__)
    place = next((f for f in reversed(frames) if "shindan" in f.filename), frames[-1])
    print(f"\nshindan: unexpected {type(error).__name__} [{errors.CHAPTER_FAILED}]\n  where / 場所: "
          f"{os.path.basename(place.filename)}, line {place.lineno}\n"
          "  mend / 直し方: this is a fault of the program; SHINDAN_DEBUG=1 shows all of it "
          "(it may show customer data: keep it to yourself)", file=sys.stderr)
    return errors.CHAPTER_FAILED


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
    add("lists", lists, "the whole diagnosis, then what is on the mailing lists", "client")
    add("sent", sent, "the latest delivery's lists have gone out: record it", "client")
    add("plan", plan, "tables -> who gets which list (a step of report)", "client")
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
    """Hold the client's lock and let make run what is stale, damaged or missing."""
    folder = config.Folder(args.client).require()
    config.load(folder)
    with locked(folder) as lock:
        for _ in ("what is stale", "what the graph did not know of"):
            if code := _steps(folder, lock):
                return code
            if delivery.holds(folder, delivery.every_chapter()):
                break
        else:
            raise errors.ShindanError(
                errors.PUBLISH_FAILED, "The delivery is not of these files / 納品物が今のファイルと合いません",
                f"client_data/{args.client}/deliverables/latest",
                "a file changed while the report was made: run the same command again")
    print(f"PDF  client_data/{args.client}/deliverables/latest/report.pdf")
    print(f"表   client_data/{args.client}/deliverables/latest/workbook.xlsx")


def _steps(folder, lock):
    """Remove what no longer holds, then make it; the exit code of the first step that failed."""
    seals.Seals(folder).heal(delivery.every_chapter())
    again = [] if delivery.holds(folder, delivery.every_chapter()) else ["PUBLISH=again"]
    if again:
        from shindan import publish as publishing

        publishing.ready(folder)
    told, tell = os.pipe()
    try:
        made = _make(["steps", f"CLIENT={folder.client}", *again], lock, tell)
    finally:
        os.close(tell)
        with open(told, "rb") as pipe:
            codes = pipe.read()
    return (codes[0] if codes else _silent(folder, made)) if made else errors.OK


def _make(arguments, lock, tell):
    """Run make; a stop that reaches us is passed on, and waited for."""
    command = [os.environ.get("MAKE_COMMAND", "make"), "--no-print-directory", "-s", f"-j{os.cpu_count() or 2}"]
    process = subprocess.Popen([*command, *arguments], env=_environment(lock, tell), cwd=config.ROOT,
                               pass_fds=[lock.fileno(), tell])  # the lock lives as long as any step does
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise


def _environment(lock, tell):
    """Ours without the outer make's flags (its -j and overrides must not leak in)."""
    ours = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")}
    return {**ours, "SHINDAN_STATUS": str(tell), "SHINDAN_LOCK": str(lock.fileno())}


def _silent(folder, status):
    """A step that ended without a word was killed: memory, most often."""
    raise errors.ShindanError(
        errors.RESOURCES, "A step was ended from outside / 処理が外から止められました",
        f"client_data/{folder.client}/work", "memory or disk ran out, or it was killed: run the same command again")


@contextlib.contextmanager
def locked(folder):
    """One run a client at a time; the second stops at once (exit 40). A step of `report` is inside its lock."""
    if _inside_lock(folder):
        yield None
        return
    with open(folder.path / ".lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise errors.ShindanError(
                errors.LOCKED, "Another run of this client is going on / 同じクライアントの処理が実行中です",
                f"client_data/{folder.client}", "wait until it has ended, then run again") from None
        yield lock


def _inside_lock(folder):
    """True if `report` started us and handed us its open lock of this very client."""
    try:
        return os.path.samestat(os.fstat(int(os.environ["SHINDAN_LOCK"])), os.stat(folder.path / ".lock"))
    except (KeyError, ValueError, OSError):
        return False


def check(args):
    """What each file is, intake and reconciliation, printed; a suggestion for files nobody reads."""
    from shindan import intake, run, text
    from shindan.intake import recognise, said, starter

    folder = config.Folder(args.client).require()
    settings = config.load(folder)
    words = text.Text(settings.language, settings.currency)
    with locked(folder):
        seals.Seals(folder).heal_tables()
        looks = recognise.look(folder, settings.sources)
        suggested = starter.write(folder, looks)
        print(said.recognised(looks, words, starter.guessed(looks, suggested)))
        if suggested:
            print(words("data.check.suggested", file=f"client_data/{args.client}/client.yaml.suggested") + "\n")
        if suggested and not settings.sources:
            settings = config.with_sources(settings, suggested)
            print(words("data.check.as_suggested") + "\n")
            intake.run(folder, settings)
        else:
            run.tables(args.client)
        print(said.summary(intake.facts(folder), words))
        print(said.restated(_restated(folder), words), end="")


def _restated(folder):
    """The past months that are told otherwise than in the last report."""
    from shindan import engine, history, intake
    from shindan.analyses import restated

    previous = history.previous(folder, intake.facts(folder)["as_of"])
    orders = engine.read(engine.connect(folder.work / "spill"), folder.tables, "orders")
    return restated.since(orders, previous)


def _step(words, work, client, *args):
    start = time.monotonic()
    with locked(config.Folder(client).require()):
        print(f"  … {words}", flush=True)
        work(client, *args)
    print(f"  ✓ {words}  {time.monotonic() - start:.1f} s", flush=True)


def tables(args):
    from shindan import run

    _step("tables  読込・突合", run.tables, args.client)


def plan(args):
    from shindan import run

    _step("lists  対象・停止・対照群", run.plan, args.client)


def lists(args):
    """The report with its lists, and what is on them: due, stopped, left out, sent."""
    from shindan import lists as mailing_lists

    if code := report(args):
        return code
    print(mailing_lists.said(config.Folder(args.client)))


def sent(args):
    from shindan import publish as publishing

    _step("sent  送信済みの記録", publishing.sent, args.client)


def chapter(args):
    from shindan import run

    _step(f"chapter {args.name}", run.chapter, args.client, args.name)


def publish(args):
    from shindan import publish as publishing

    _step("report  PDF・ブック", publishing.publish, args.client)


def verify(args):
    manifest = delivery.verify(args.client)
    print(f"ok: {len(manifest['outputs'])} files, as of {manifest['as_of']}, code {manifest['code'][:12]}")


def new(args):
    """A folder from templates/client; a client with a client.yaml is never touched, nor a file in raw/."""
    folder = config.Folder(args.client)
    if folder.config_file.exists():
        raise errors.ShindanError(errors.BAD_USAGE, f"{args.client} exists already",
                                  f"client_data/{args.client}", "choose another name")
    for file in sorted((config.ROOT / "templates" / "client").rglob("*")):
        target = folder.path / file.relative_to(config.ROOT / "templates" / "client")
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
