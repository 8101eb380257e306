#!/bin/sh
# Makes or refreshes .venv. Only the version of Python is judged here, before Python reads any file of ours:
# an old one could not even parse it.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
if ! command -v "$python" >/dev/null 2>&1; then
    echo "Meander needs Python 3.11 or newer and there is no $python: install it, or name one with \`make PYTHON=/path/to/python3.11\`." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    echo "Meander needs Python 3.11 or newer and $python is $("$python" --version 2>&1): name a newer one with \`make PYTHON=/path/to/python3.11\`." >&2
    exit 1
fi
exec "$python" tools/setup.py
