#!/bin/sh
# Makes build/rootfs-ROLE.tar for the Containerfile from Debian's packages: rootfs.sh app|database|proxy
# As root, on Debian, with mmdebstrap. DEBIAN_SUITE and DEBIAN_MIRROR choose the release and where it comes from.
set -eu
cd "$(dirname "$0")/.."
ROLE=${1:-}
SUITE=${DEBIAN_SUITE:-bookworm}
case $ROLE in
  app) PACKAGES=python3,python3-venv,ca-certificates,libpango-1.0-0,libpangoft2-1.0-0,libharfbuzz-subset0 ;;
  database) PACKAGES=postgresql,postgresql-15-postgis-3 ;;
  proxy) PACKAGES=caddy,ca-certificates ;;
  *) echo "rootfs.sh app|database|proxy: '$ROLE' is none of them." >&2; exit 2 ;;
esac
mkdir -p build
set -- --variant=minbase --include="$PACKAGES" \
  --customize-hook='chroot "$1" useradd --system --uid 990 --home-dir /var/lib/prossima prossima' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/archives/*.deb'

if [ "$ROLE" = app ]; then
  # What ships, as the lock file knows it by its hashes; no tool of development.
  BIN=${VENV:-.venv}/bin
  rm -rf build/wheels
  "$BIN/python" .ci/shipped.py lock > build/shipped.lock
  "$BIN/pip" download --quiet --only-binary :all: --require-hashes --no-deps -r build/shipped.lock -d build/wheels
  "$BIN/pip" wheel --quiet --no-deps --no-build-isolation -w build/wheels .
  set -- "$@" \
    --customize-hook='mkdir -p "$1"/opt/prossima "$1"/var/lib/prossima "$1"/var/cache/prossima' \
    --customize-hook='cp -r build/wheels "$1"/opt/prossima/wheels' \
    --customize-hook='chroot "$1" python3 -m venv /opt/prossima/.venv' \
    --customize-hook='chroot "$1" sh -c "/opt/prossima/.venv/bin/pip install --quiet --no-index --no-deps /opt/prossima/wheels/*.whl"' \
    --customize-hook='rm -r "$1"/opt/prossima/wheels' \
    --customize-hook='chroot "$1" chown prossima: /var/lib/prossima /var/cache/prossima'
fi
if [ "$ROLE" = database ]; then
  # The folder that Debian's package makes is no part of the image.
  set -- "$@" \
    --customize-hook='rm -rf "$1"/var/lib/postgresql/* "$1"/etc/postgresql/*' \
    --customize-hook='chroot "$1" chown postgres: /var/lib/postgresql'
fi
mmdebstrap "$@" "$SUITE" "build/rootfs-$ROLE.tar" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
