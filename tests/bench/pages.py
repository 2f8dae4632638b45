"""How long the pages take to set, beside a document of one word: `make bench` runs it last.

It sets the demo report that is there (`make report CLIENT=demo`), each time in a process of its own.
The machine may be busy: read the processor's seconds.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1.0  # seconds to typeset the demo report

WRITE = """
import pathlib, sys
from shindan import config, publish, report, run, text
folder = config.Folder('demo'); settings = config.load(folder); words = text.Text(settings.language, settings.currency)
results = publish._results(folder, run.chapters(settings))
whole = report.joined(publish._notebooks(folder, results), publish._meta(folder, settings, words, results))
source, resources = report.TypstExporter().from_notebook_node(whole)
for name, content in {'main.typ': source.encode(), **resources['outputs']}.items():
    file = pathlib.Path(sys.argv[1], name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
"""
SET = """
import pathlib, sys, time, typst
from shindan.report import typeset
fonts, main = typeset.fonts(), pathlib.Path(sys.argv[1], sys.argv[2])
wall, own = time.perf_counter(), time.process_time()
pdf = typst.Compiler(main, root=main.parent, font_paths=fonts).compile(format='pdf', pdf_standards='ua-1')
print(time.perf_counter() - wall, time.process_time() - own, len(pdf))
"""


def main():
    if not (ROOT / "client_data" / "demo" / "work" / "results" / "summary.json").is_file():
        sys.exit("pages: run `make report CLIENT=demo` first")
    with tempfile.TemporaryDirectory(prefix="shindan-bench-") as folder:
        subprocess.run([sys.executable, "-c", WRITE, folder], cwd=ROOT, check=True)
        Path(folder, "one.typ").write_text('#set document(title: "x")\n#set text(font: "Noto Sans CJK JP")\n診断\n', "utf-8")
        print(f"\n{'typesetting':34}{'seconds':>9}{'cpu':>9}{'kB':>9}")
        for words, file in (("a document of one word", "one.typ"), (f"the demo report (at most {LIMIT} s)", "main.typ")):
            runs = [_run(folder, file) for _ in range(3)]
            wall, own, size = min(runs)
            print(f"{words:34}{wall:9.2f}{own:9.2f}{size // 1000:9.0f}", flush=True)


def _run(folder, file):
    out = subprocess.run([sys.executable, "-c", SET, folder, file], cwd=ROOT, check=True, text=True, capture_output=True)
    wall, own, size = out.stdout.split()
    return float(wall), float(own), int(size)


if __name__ == "__main__":
    main()
