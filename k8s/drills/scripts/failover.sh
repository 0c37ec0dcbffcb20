#!/bin/sh
# A failover by hand, as sentinel does it: what the old primary acknowledges until it is made a replica, about a second of writes,
# is LOST. handover.sh loses nothing.
set -eu
. /config/lib.sh
. /config/ask.sh

ask_sentinels
old=$(majority_primary)
[ -n "$old" ] || die 'no majority of the sentinels names a primary'
answer=$(ask_sentinel "$(sentinels_that 1 | head -n 1)" SENTINEL FAILOVER "$GROUP")
say "asked for a failover from ${old%%.*}: $answer"
[ "$answer" = OK ] || exit 1
until=$(($(now) + 30))
while [ "$(now)" -lt "$until" ]; do
  ask_sentinels
  new=$(majority_primary)
  if [ -n "$new" ] && [ "$new" != "$old" ]; then
    say "the sentinels name ${new%%.*}"
    exit 0
  fi
  sleep 0.5
done
die "the sentinels still name ${old%%.*} after 30 s"
