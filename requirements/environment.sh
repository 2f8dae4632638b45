#!/bin/sh
# environment.sh FOLDER PYTHON KIND: build or extend a virtual environment from requirements/KIND.txt.
set -eu
folder=$1 python=$2 kind=$3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "shindan: Python 3.11 or newer is needed (found: $("$python" -V 2>&1 || echo none))" >&2
  echo "  mend / 直し方: install it, or say which one: make PYTHON=/path/to/python3.11 …" >&2
  exit 10
}
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
[ -x "$folder/bin/uv" ] || {
  echo "  … environment  環境構築 ($folder)"
  "$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
}
install() { "$folder/bin/uv" pip install -q --python "$folder/bin/python" --compile-bytecode "$@"; }
case $kind in
  journey) install --require-hashes --no-deps -r requirements/journey.txt; exit ;;
esac
install --require-hashes -r "requirements/$kind.txt"
case $kind in
  main) install --no-deps --no-build-isolation -e . ;;
  test) install --require-hashes --no-deps -r requirements/data.txt ;;
esac
