#!/bin/sh
# The browser tests drive a Chromium of the system; on Debian, root gets it installed.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests …"
    log="$(mktemp)"
    if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -5 "$log" >&2
    rm -f "$log"
fi
echo "The browser tests need Chromium or Google Chrome on the PATH: install one (on Debian: apt-get install chromium fonts-dejavu-core)." >&2
exit 1
