#!/bin/sh
# Runs the catalogue's PostgreSQL: makes it where there is none, and archives every change of it.
# DATA, SOCKET and ARCHIVE are folders of whoever runs this.
set -eu
if [ "$(id -u)" = 0 ]; then
  echo "database.sh: PostgreSQL is never run as root. Say: runuser --user postgres -- $0" >&2
  exit 2
fi
DATA=${DATA:-/var/lib/postgresql/data}
SOCKET=${SOCKET:-/run/postgresql}
ARCHIVE=${ARCHIVE:-/var/lib/postgresql/archive}
PATH=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH
umask 077
mkdir -p "$ARCHIVE" "$SOCKET"
# PostgreSQL works in its data folder: relative names would lead elsewhere.
ARCHIVE=$(cd "$ARCHIVE" && pwd)
SOCKET=$(cd "$SOCKET" && pwd)

# Made beside its place, and put there whole: what a failure leaves half made is made again.
if [ ! -s "$DATA/PG_VERSION" ]; then
  PART=$DATA.part
  rm -rf "$PART"
  initdb --pgdata "$PART" --encoding UTF8 --locale C.UTF-8 --auth-local peer --auth-host reject --data-checksums
  pg_ctl --pgdata "$PART" --wait --options "-k '$SOCKET' -c listen_addresses=''" start
  trap 'pg_ctl --pgdata "$PART" --wait --mode fast stop || true' EXIT
  psql --host "$SOCKET" --dbname postgres --set ON_ERROR_STOP=1 <<SQL
CREATE ROLE prossima LOGIN;
CREATE DATABASE prossima OWNER prossima ENCODING 'UTF8' TEMPLATE template0;
\connect prossima
CREATE EXTENSION postgis;
SQL
  trap - EXIT
  pg_ctl --pgdata "$PART" --wait stop
  mv --no-target-directory "$PART" "$DATA"
fi

# A segment is archived whole or not at all, at the latest five minutes after it was written.
exec postgres -D "$DATA" -k "$SOCKET" -c listen_addresses= -c unix_socket_permissions=0777 \
  -c archive_mode=on -c archive_timeout=300 \
  -c archive_command="test ! -f '$ARCHIVE/%f' && cp %p '$ARCHIVE/%f.part' && mv '$ARCHIVE/%f.part' '$ARCHIVE/%f'"
