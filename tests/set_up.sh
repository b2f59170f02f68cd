#!/bin/sh
# Sets up what the tests need beside Python packages, and names what cannot be set up here.
# The tests themselves skip what is missing, with the reason; with CI=true they fail instead.
set -u
cd "$(dirname "$0")/.." || exit 1

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

wanted=""
[ -x /usr/bin/chromium ] || wanted="$wanted chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || wanted="$wanted fonts-noto-cjk"
command -v npm >/dev/null 2>&1 || wanted="$wanted npm"

if [ -n "$wanted" ]; then
    if can_install; then
        echo "Installing$wanted ..."
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq >/dev/null 2>&1
        # shellcheck disable=SC2086
        apt-get install -y -qq --no-install-recommends $wanted >/dev/null 2>&1 ||
            echo "Could not install:$wanted"
    else
        echo "Not here, and only root on Debian could install it:$wanted"
    fi
fi

if [ ! -f tests/browser/node_modules/axe-core/axe.min.js ] && command -v npm >/dev/null 2>&1; then
    npm install --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent ||
        echo "Could not install axe-core"
fi
exit 0
