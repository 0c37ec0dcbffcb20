#!/bin/sh
# Startup and liveness: whether redis answers at all.
#
# Hazards answered here
# - A probe that kills a server which is LOADING, or a replica without its primary (MASTERDOWN), makes the outage longer: any
#   answer is a sign of life, a refused password and a running script (BUSY) too. Peers are never asked.
set -eu
. /config/lib.sh

answer=$(ask_node 127.0.0.1 PING) || true
[ -n "$answer" ] || die "redis did not answer PING within $ASK_SECONDS s"
