#!/bin/sh
# Whether clients may use this redis: it is the primary, or a replica whose link is up. It also keeps the role on the volume.
#
# Hazards answered here
# - The role that preStop wrote is stale after any failover that it did not ask for: this reads the role anyway, and writes it
#   down when it has changed. Where the volume is full it goes on without: a promoted pod that is not Ready is no help.
# - Ready 5 s after its start, a pod is not yet seen by the sentinels, which hold its old address for up to 30 s; the rollout goes
#   on, and the next primary has nobody to hand over to. So there is a gate for the first time: a majority of the sentinels
#   lists this very process (its run id, since old flags stay good for a while) as a good replica, or as the primary. Once open,
#   they are never asked again; it opens after FIRST_READY_SECONDS anyway. minReadySeconds would not do: with
#   podManagementPolicy Parallel a rolling update ignores it.
# - A replica that has just started may lack what was acknowledged before, and no sentinel can tell: start.sh holds it back, and here
#   it is let go, when it is linked, or when its primary has not come within DECISION_SECONDS and somebody has to be promoted.
set -eu
. /config/lib.sh

info=$(printf 'INFO replication\nINFO server\n' | ask_node 127.0.0.1 | tr -d '\r')
field() { printf '%s\n' "$info" | awk -F: -v key="$1" '$1 == key { print $2 }'; }

# Sentinels may promote it from now on.
let_go() {
  own=$(cat "$RUNTIME/held-back")
  [ "$(ask_node 127.0.0.1 CONFIG SET replica-priority "$own")" = OK ] || die "replica-priority cannot be set to $own"
  # The hook of its end takes the file away, and holds it back for good.
  if [ -f "$RUNTIME/held-back" ]; then rm "$RUNTIME/held-back"; else ask_node 127.0.0.1 CONFIG SET replica-priority 0 >/dev/null; fi
  priority=$own
}

# Writes are taken from now on. Of a replica that is nothing yet.
let_in() {
  [ -f "$RUNTIME/no-writes" ] || return 0
  own=$(cat "$RUNTIME/no-writes")
  [ "$(ask_node 127.0.0.1 CONFIG SET min-replicas-to-write "$own")" = OK ] || die "min-replicas-to-write cannot be set to $own"
  rm "$RUNTIME/no-writes"
}

age=$(($(now) - $(cat "$RUNTIME/started")))
priority=$(field slave_priority)
if [ -f "$RUNTIME/held-back" ]; then
  case "$(field role) $(field master_link_status) $(field master_sync_in_progress)" in
  'slave up 0' | master*) let_go ;;
  *) [ "$age" -lt "$DECISION_SECONDS" ] || let_go ;;
  esac
fi

case $(field role) in
master) role=primary ;;
slave)
  role="replica $(field master_host)"
  [ "$(field master_link_status)" = up ] || die "the link to $(field master_host) is down"
  [ "$(field master_sync_in_progress)" = 0 ] || die 'synchronising'
  ;;
*) die "no role: $info" ;;
esac

write_role "$role"
if [ "$role" != primary ] || [ "$age" -ge "$DECISION_SECONDS" ]; then let_in; fi

[ ! -f "$RUNTIME/seen" ] || exit 0
if [ "$age" -lt "$FIRST_READY_SECONDS" ]; then
  . /config/ask.sh

  # "yes" when this sentinel sees this process in its role.
  seen_by() {
    case $role in
    primary) ask_sentinel "$1" SENTINEL MASTER "$GROUP" ;;
    *) ask_sentinel "$1" SENTINEL REPLICAS "$GROUP" ;;
    esac | awk -v run="$(field run_id)" -v own="$priority" '
      $0 == "name" { ours = 0 }
      previous == "runid" && $0 == run { ours = 1 }
      previous == "flags" && ours { flags = $0 }
      previous == "master-link-status" && ours { link = $0 }
      previous == "slave-priority" && ours { priority = $0 }
      { previous = $0 }
      END { if (flags == "master" || (flags == "slave" && link == "ok" && priority == own)) print "yes" }'
  }

  seen=$(ask_all "$SENTINEL_SERVICE" seen_by | grep -c yes || true)
  [ "$seen" -ge "$MAJORITY" ] || die "only $seen of $SENTINELS sentinels see this process as ${role%% *} yet"
fi
let_in
: >"$RUNTIME/seen"
