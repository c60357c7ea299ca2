#!/bin/sh
# What the tests need beside Python: a Java runtime (Spark) and a PostgreSQL server (the ledger).
# Installs what is missing with apt-get where that is possible, and says what to install elsewhere.
set -eu
wanted=""
command -v java >/dev/null 2>&1 || wanted="$wanted default-jre-headless"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 \
    || wanted="$wanted postgresql"
[ -z "$wanted" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086 # several names on purpose
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
else
    echo "the tests also need, from your system's packages:$wanted" >&2
    exit 2
fi
