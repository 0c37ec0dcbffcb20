#!/bin/sh
# Moves the primary to a replica without losing a write: the preStop hook's way, from outside, and the old primary stays as a replica.
#
# Hazards answered here
# - A plain SENTINEL FAILOVER loses about a second of acknowledged writes: writes are paused from before it until the old primary
#   is a replica. The pause ends by itself after 10 s, whatever becomes of this script.
set -eu
. /config/lib.sh
. /config/ask.sh

ask_sentinels
old=$(majority_primary)
[ -n "$old" ] || die 'no majority of the sentinels names a primary'
[ "$(count "$SENTINEL_VIEWS" '$2 == "master"')" -eq "$(count "$SENTINEL_VIEWS" 1)" ] || die "a sentinel does not hold $old to be well"

ask_node "$old" CLIENT PAUSE 10000 WRITE >/dev/null
trap 'ask_node "$old" CLIENT UNPAUSE >/dev/null' EXIT
answer=$(ask_sentinel "$(sentinels_that 1 | head -n 1)" SENTINEL FAILOVER "$GROUP")
say "asked for a failover from ${old%%.*}: $answer"
[ "$answer" = OK ] || exit 1

until=$(($(now) + 9))
while [ "$(now)" -lt "$until" ]; do
  ask_sentinels
  for new in $(echo "$SENTINEL_VIEWS" | awk -v old="$old" 'NF && $1 != old { print $1 }' | sort -u); do
    [ "$(ask_node "$new" ROLE | head -n 1)" = master ] || continue
    ask_node "$old" REPLICAOF "$new" 6379 >/dev/null
    say "handed over to ${new%%.*}"
    exit 0
  done
  sleep 0.1
done
die 'no sentinel named another primary within 9 s'
