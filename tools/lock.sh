#!/bin/sh
# Resolves requirements/*.in into requirements/*.txt, with hashes, for every platform. More arguments go to uv
# (for example --upgrade, or --upgrade-package wagtail).
set -eu
cd "$(dirname "$0")/.."
for name in base dev production; do
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --output-file "requirements/$name.txt" "$@" "requirements/$name.in"
done
