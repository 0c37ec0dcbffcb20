#!/bin/sh
# After a scale-down: lets the sentinels forget pods that are gone for good, by SENTINEL RESET at one sentinel after the other. Never
# automatic: a reset sentinel takes part in no failover until it has found the others again, which is awaited here before the next.
set -eu
. /config/lib.sh
. /config/ask.sh

ask_sentinels
peers=$(($(count "$SENTINEL_VIEWS" 1) - 1))
[ -n "$(majority_primary)" ] || die 'no majority of the sentinels names a primary'
[ "$(count "$SENTINEL_VIEWS" '$2 != "master"')" -eq 0 ] || die 'not now: a sentinel holds the primary to be down, or a failover is under way'

for sentinel in $(sentinels_that 1); do
  say "$sentinel: reset $(ask_sentinel "$sentinel" SENTINEL RESET "$GROUP")"
  until=$(($(now) + 60))
  while :; do
    view=$(sentinel_view "$sentinel")
    [ "$(echo "$view" | awk '{ print $4 }')" != "$peers" ] || break
    [ "$(now)" -lt "$until" ] || die "$sentinel has not found $peers other sentinels within 60 s: $view"
    sleep 1
  done
  # Replicas are learnt from the primary's INFO, every 10 s.
  sleep 11
  say "$(sentinel_view "$sentinel" | awk '{ print $5 ": " $3 " replicas, " $4 " other sentinels" }')"
done
