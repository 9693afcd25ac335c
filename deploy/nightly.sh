#!/bin/sh
# The work of a night: an edition, a backup whatever came of it, and what is old goes (docs/operating.md).
# As the user of the server, with its settings: deploy/nightly.sh FOLDER, where the backups lie.
set -u
BIN=${VENV:-$(dirname "$(readlink -f "$0")")/../.venv}/bin
if [ $# != 1 ] || [ ! -d "$1" ]; then
  echo "nightly.sh: give the folder of the backups, such as /var/lib/prossima" >&2
  exit 2
fi

status=0
attempt() { "$@" || status=$?; }

attempt "$BIN/prossima" build
attempt "$BIN/prossima" backup "$1/backup-$(date +%Y%m%dT%H%M%S)"
# The last 14 backups stay; on Sundays editions of more than 30 days go, but for the published one and the one before.
find "$1" -maxdepth 1 -name 'backup-*' | sort --reverse | tail -n +15 | xargs --no-run-if-empty rm --
test "$(date +%u)" != 7 || attempt "$BIN/prossima" editions prune --older-than 30
exit "$status"
