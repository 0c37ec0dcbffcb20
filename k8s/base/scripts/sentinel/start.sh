#!/bin/sh
# Starts a sentinel with what it knew before and with the passwords of today. The main container's command.
#
# Hazards answered here
# - A sentinel that forgets its epochs may follow an older word than its peers', and one with a new id shows twice at them for
#   ever: epochs, replicas and peers are kept on the volume, and the id is made of the pod's name.
# - Old passwords kept on a volume: only those lines are taken from the old file, everything else is written anew. Sentinel writes
#   passwords back without quotes, so that it could not read its own file again where one has a space or a quote.
# - Duplicate known-replica and known-sentinel lines: each name and each id is kept once, the last one.
# - Every sentinel believing its own pod, or a fixed first primary: without a state of its own it asks the other sentinels, then
#   the redis pods, and waits until exactly one is the primary. It never guesses.
# - A full volume: it does not start. One that runs goes on, and after its next start learns from its peers what it could not write.
# - SENTINEL MONITOR at run time refuses a name that does not resolve: it is written into the file.
set -eu
. /config/lib.sh
. /config/ask.sh
trap 'exit 143' TERM INT
need "user-$CLI_USER" "user-$SENTINEL_USER" sentinel-password

STATE=$DATA/sentinel.conf

# The lines that only this sentinel's past can tell.
memory() {
  [ ! -f "$STATE" ] || awk -v group="$GROUP" '
    $1 == "sentinel" && $2 ~ /^(current-epoch)$/ { last[$2] = $0 }
    $1 == "sentinel" && $2 ~ /^(config-epoch|leader-epoch)$/ && $3 == group { last[$2] = $0 }
    $1 == "sentinel" && $2 ~ /^known-(replica|slave)$/ && $3 == group { last["replica " $4] = $0 }
    $1 == "sentinel" && $2 == "known-sentinel" && $3 == group { last["sentinel " $6] = $0 }
    END { for (key in last) print last[key] }' "$STATE" | sort
}

remembered_primary() {
  [ ! -f "$STATE" ] || awk -v group="$GROUP" '$1 == "sentinel" && $2 == "monitor" && $3 == group { print $4 }' "$STATE" | tail -n 1
}

find_primary() {
  told=''
  while :; do
    ask_sentinels
    PRIMARY=$(majority_primary)
    [ -z "$PRIMARY" ] || break
    ask_nodes
    PRIMARY=$(primaries)
    # Exactly one, and nobody follows another.
    if [ "$(primaries | grep -c .)" -eq 1 ] && [ "$(count "$NODE_VIEWS" "\$3 != \"-\" && \$3 != \"$PRIMARY\"")" -eq 0 ]; then break; fi
    heard="$(count "$SENTINEL_VIEWS" 1) sentinels and $(count "$NODE_VIEWS" 1) redis pods answer, primaries: $(primaries | tr '\n' ' ')"
    [ "$told" = "$heard" ] || say "waiting for one primary; $heard"
    told=$heard
    sleep 1
  done
}

PRIMARY=$(remembered_primary)
if [ -z "$PRIMARY" ]; then
  # As in decide.sh: a new set would ask before the first of its pods has a name.
  sleep "$SETTLE_SECONDS"
  find_primary
fi

{
  for file in /config/sentinel.conf /config/sentinel-*.conf; do
    [ ! -f "$file" ] || cat "$file"
  done
  echo "sentinel announce-ip $SELF_SENTINEL"
  echo "sentinel announce-port 26379"
  echo "sentinel myid $(printf %s "$SELF_SENTINEL" | sha1sum | cut -d ' ' -f 1)"
  printf 'requirepass %s\n' "$(quoted "$(secret sentinel-password)")"
  printf 'sentinel sentinel-pass %s\n' "$(quoted "$(secret sentinel-password)")"
  echo "sentinel monitor $GROUP $PRIMARY 6379 $QUORUM"
  [ "$SENTINEL_USER" = default ] || echo "sentinel auth-user $GROUP $SENTINEL_USER"
  printf 'sentinel auth-pass %s %s\n' "$GROUP" "$(quoted "$(secret "user-$SENTINEL_USER")")"
  awk -v group="$GROUP" '!/^#/ && NF { print "sentinel", $1, group, $2 }' /config/group.conf
  memory
} | replace "$STATE" || die "cannot write $STATE, and a sentinel that forgets its votes may elect twice; is the volume full?"

say "watching ${PRIMARY%%.*}"
rm -f "$RUNTIME/seen"
now >"$RUNTIME/started"
exec "$FLAVOUR-server" "$STATE" --sentinel
