#!/bin/sh
# Install Pointsman into an empty folder, as any user but root:   deploy/install.sh PREFIX [SOURCE]
#
# PREFIX    made if it is not there; must be empty. The program is PREFIX/bin/pointsman afterwards.
# SOURCE    this tree (default: the folder above this script); it is only read.
# PYTHON    which Python to build on (default: python3); 3.11 or newer.
#
# Nothing is written outside PREFIX. The image is built by this same script (Dockerfile).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo "usage: deploy/install.sh PREFIX [SOURCE]" >&2; exit 2; }
prefix=$1
source=${2:-$(dirname "$here")}
python=${PYTHON:-python3}

die() { echo "install: $1" >&2; exit 1; }

[ "$(id -u)" -ne 0 ] || [ "${ALLOW_ROOT:-}" = yes ] ||
    die "do not install as root: the service must not be able to change its own program; use another account (or ALLOW_ROOT=yes)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    die "$python is no Python 3.11 or newer: name one by PYTHON=/path/to/python3"
[ -f "$source/requirements.lock" ] || die "$source has no requirements.lock: name the folder of Pointsman as the second argument"
mkdir -p "$prefix" 2>/dev/null || die "$prefix cannot be made: make it and give it to $(id -un 2>/dev/null || id -u)"
[ -w "$prefix" ] || die "$prefix cannot be written by $(id -un 2>/dev/null || id -u)"
[ -z "$(ls -A "$prefix")" ] || die "$prefix is not empty: take a new folder for each release, and switch by a link"
prefix=$(cd "$prefix" && pwd)

build=$prefix/.build
mkdir -p "$build/tmp" "$build/source"
trap 'rm -rf "$build"' EXIT
export TMPDIR="$build/tmp" PIP_CACHE_DIR="${PIP_CACHE_DIR:-$build/cache}" PIP_DISABLE_PIP_VERSION_CHECK=1 HOME="$build"

# A build writes beside its source, and the source is only read: so it is copied, without what is not installed.
for part in app.py connector plugins pyproject.toml README.md LICENSE; do
    cp -R "$source/$part" "$build/source/"
done
chmod -R u+w "$build/source"

"$python" -m venv "$prefix"
"$prefix/bin/python" -m pip install --quiet --require-hashes --requirement "$source/requirements.lock"
"$prefix/bin/python" -m pip install --quiet --no-deps --no-build-isolation "$build/source"
cp "$here/probe" "$prefix/bin/pointsman-probe"
sed -i "1s|.*|#!$prefix/bin/python|" "$prefix/bin/pointsman-probe"
chmod 755 "$prefix/bin/pointsman-probe"
mkdir -p "$prefix/share/pointsman"
cp -R "$source/rules" "$prefix/share/pointsman/rules"

"$prefix/bin/pointsman" --version
