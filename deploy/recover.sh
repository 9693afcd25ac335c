#!/bin/sh
# Makes a data folder that recovers to a moment: recover.sh BASE ARCHIVE TARGET MOMENT
# BASE is what pg_basebackup wrote, ARCHIVE has the segments since, TARGET is not there yet.
set -eu
if [ "$#" != 4 ] || [ -z "$4" ] || [ ! -s "$1/PG_VERSION" ] || [ ! -d "$2" ] || [ -e "$3" ]; then
  echo "recover.sh BASE ARCHIVE TARGET MOMENT: a base backup, its archive, a new folder, a time" \
    "such as '2026-11-21 10:30:00+01'." >&2
  exit 2
fi
# PostgreSQL runs the command of the archive in its data folder: relative names would lead nowhere.
ARCHIVE=$(cd "$2" && pwd)
cp -a "$1" "$3"
chmod 700 "$3"
rm -f "$3/postmaster.pid"
cat >>"$3/postgresql.auto.conf" <<CONF
restore_command = 'cp "$ARCHIVE/%f" "%p"'
recovery_target_time = '$4'
recovery_target_action = 'promote'
CONF
touch "$3/recovery.signal"
echo "Start PostgreSQL on $3: it recovers to $4, and then goes on."
