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
#   it is let go, when it is linked, or when its primary has not come within DECISION_SECONDS and somebody has to be promoted. One
#   that is still loading has come.
# - A server that loads its data says its role as any other: it is not Ready before it has.
# - A new pod that is the primary still is not found by the sentinels at once, and they may fail over from it: start.sh lets it take no
#   writes, and here they are let in, when the gate opens, or after DECISION_SECONDS.
set -eu
. /config/lib.sh

# Of INFO what is needed here, "-" for what it does not have; all at once, since a probe runs every 3 s and each program that it starts
# costs more than the question.
info=$(printf 'INFO replication\nINFO server\nINFO persistence\n' | ask_node 127.0.0.1 | awk -F: '
  { sub(/\r$/, "") }
  NR == 1 { said = $0 }
  { value[$1] = $2 }
  function word(key) { return value[key] == "" ? "-" : value[key] }
  END {
    print word("role"), word("master_link_status"), word("master_sync_in_progress"), word("master_host"), word("slave_priority"), word("run_id"), word("loading"), said
  }')
read -r role link syncing primary priority run_id loading said <<EOF
$info
EOF

# Sentinels take LOADING for a sign of life, and see its role; clients get nothing from it.
[ "$loading" != 1 ] || die 'loads its data'

# Sentinels may promote it from now on.
let_go() {
  read -r own <"$RUNTIME/held-back"
  [ "$(ask_node 127.0.0.1 CONFIG SET replica-priority "$own")" = OK ] || die "replica-priority cannot be set to $own"
  # The hook of its end takes the file away, and holds it back for good.
  if [ -f "$RUNTIME/held-back" ]; then rm "$RUNTIME/held-back"; else ask_node 127.0.0.1 CONFIG SET replica-priority 0 >/dev/null; fi
  priority=$own
}

# Writes are taken from now on. Of a replica that is nothing yet. What somebody has set meanwhile stays.
let_in() {
  [ -f "$RUNTIME/no-writes" ] || return 0
  read -r own <"$RUNTIME/no-writes"
  case $(ask_node 127.0.0.1 CONFIG GET min-replicas-to-write) in
  *"$NO_WRITES")
    [ "$(ask_node 127.0.0.1 CONFIG SET min-replicas-to-write "$own")" = OK ] || die "min-replicas-to-write cannot be set to $own"
    ;;
  esac
  rm "$RUNTIME/no-writes"
}

# It is there, and has more than this one: a replica whose AOF is short loads sooner.
primary_loads() {
  case $(ask_node "$primary" PING) in
  LOADING*) ;;
  *) return 1 ;;
  esac
}

if [ -f "$RUNTIME/held-back" ]; then
  case "$role $link $syncing" in
  'slave up 0' | master*) let_go ;;
  *) if runs_for "$DECISION_SECONDS" && ! primary_loads; then let_go; fi ;;
  esac
fi

case $role in
master) place=primary ;;
slave)
  place="replica $primary"
  [ "$link" = up ] || die "the link to $primary is down"
  [ "$syncing" = 0 ] || die 'synchronising'
  ;;
*) die "no role: $said" ;;
esac

write_role "$place"
if [ -f "$RUNTIME/no-writes" ] && { [ "$role" = slave ] || runs_for "$DECISION_SECONDS"; }; then let_in; fi

[ ! -f "$RUNTIME/seen" ] || exit 0
if ! runs_for "$FIRST_READY_SECONDS"; then
  . /config/ask.sh

  # "yes" when this sentinel sees this process in its role.
  seen_by() {
    case $role in
    master) ask_sentinel "$1" SENTINEL MASTER "$GROUP" ;;
    *) ask_sentinel "$1" SENTINEL REPLICAS "$GROUP" ;;
    esac | awk -v run="$run_id" -v own="$priority" '
      $0 == "name" { ours = 0 }
      previous == "runid" && $0 == run { ours = 1 }
      previous == "flags" && ours { flags = $0 }
      previous == "master-link-status" && ours { link = $0 }
      previous == "slave-priority" && ours { priority = $0 }
      { previous = $0 }
      END { if (flags == "master" || (flags == "slave" && link == "ok" && priority == own)) print "yes" }'
  }

  seen=$(ask_all "$SENTINEL_SERVICE" seen_by | grep -c yes || true)
  [ "$seen" -ge "$MAJORITY" ] || die "only $seen of $SENTINELS sentinels see this process as ${place%% *} yet"
fi
let_in
: >"$RUNTIME/seen"
