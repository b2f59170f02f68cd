#!/bin/sh
# Sets up what the tests need beside Python packages, and names what cannot be set up here.
# On a developer's machine the tests then skip it, with the reason; with CI=true this fails.
set -u
cd "$(dirname "$0")/.." || exit 1

lacking=""
lack() {
    echo "Not here: $1"
    lacking=yes
}

has_chromium() { [ -x /usr/bin/chromium ]; }
# A client alone (psql) is no server; initdb comes with the server.
has_postgres() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1
}
has_fonts() { ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; }
has_npm() { command -v npm >/dev/null 2>&1; }
has_nginx() { command -v nginx >/dev/null 2>&1; }
has_axe() { [ -f tests/browser/node_modules/axe-core/axe.min.js ]; }

wanted=""
has_chromium || wanted="$wanted chromium"
has_postgres || wanted="$wanted postgresql"
has_fonts || wanted="$wanted fonts-noto-cjk"
has_nginx || wanted="$wanted nginx"
has_axe || has_npm || wanted="$wanted npm"

if [ -n "$wanted" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$wanted ..."
    export DEBIAN_FRONTEND=noninteractive
    # What apt-get has to say is of interest only where it fails.
    log=$(mktemp)
    # shellcheck disable=SC2086
    apt-get update -qq >"$log" 2>&1 &&
        apt-get install -y -qq --no-install-recommends $wanted >>"$log" 2>&1 ||
        cat "$log"
    rm -f "$log"
elif [ -n "$wanted" ]; then
    echo "Only root on Debian can install these here:$wanted"
fi

if ! has_axe && has_npm; then
    echo "Installing axe-core ..."
    npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent
fi

has_chromium || lack "Chromium (/usr/bin/chromium), for the browser tests"
has_postgres || lack "a PostgreSQL server (initdb), for the tests on PostgreSQL"
has_fonts || lack "Noto Sans CJK, for pictures with Chinese in them"
has_nginx || lack "nginx, for the tests of slow clients"
has_axe || lack "axe-core, for the accessibility tests"

[ -z "$lacking" ] || [ "${CI:-}" != true ]
