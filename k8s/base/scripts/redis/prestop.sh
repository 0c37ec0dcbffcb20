#!/bin/sh
# Hands the primary over before this pod ends. It always exits 0: an error would only skip what is left of the grace period.
#
# Hazards answered here
# - A plain SENTINEL FAILOVER loses about a second of acknowledged writes: writes are paused first, in slices of 10 s that are
#   renewed only while a failover is under way. Two nodes are primary for a moment, and the pause covers it.
# - Only the sentinel that was asked knows whether its failover is under way. While it is silent it may have promoted a replica, and
#   announce it later: what this node acknowledged meanwhile would be gone. So the pause goes on until the sentinel answers or must
#   have given up, and when the hook has to end before that, it leaves the pause as it is: SIGTERM follows.
# - Waiting for the own role to change is wrong, it does not change while paused: as soon as the sentinel promotes another node, or
#   any sentinel names one, and that node says it is the primary, this one is made its replica; who waits hears READONLY and moves.
# - A replica that is behind when it is promoted loses what it lacks: all that follow must hold everything before the failover is
#   asked for. One whose link has just broken may be chosen too, since sentinels look every 10 s: it is waited for, for a while.
# - OK to SENTINEL FAILOVER is not success: it is not asked before a sentinel sees a good replica, and when it ended without a
#   switch, writes go on for a second before the next try.
# - A sentinel in TILT (it stood still for 2 s, most often for want of DNS) says OK, and begins up to 30 s later: the pause would last
#   as long. One that can act is waited for, and writes go on meanwhile.
# - A new primary whose replicas still follow this pod refuses writes (min-replicas-to-write) when this one has ended: the sentinel that
#   sees the most replicas is asked, and those that are left behind are told by this hook.
# - All pods deleted at once: a replica that is about to end is promoted, acknowledges what was waiting, and ends; the sentinels go back
#   to the old primary, which lacks that (455 writes once). A replica that ends says so by priority 0, the hook of the primary lets it go
#   first, and it stays while a failover is under way: if that makes it the primary, it ends as one.
# - Then nobody is left to hand over to, and a pause would only cost writes: without a replica for 2 s the hook leaves.
# - Redis refuses SIGTERM while it writes its first AOF after a full resync ("Writing initial AOF, can't exit"), and does not try
#   again: it would be killed at the end of the grace period. The old primary, which holds all of its AOF, stops writing to
#   it before it is made a replica; a replica is given the time to end its rewrite.
# - The pod's log is gone when the pod is: what the hook did is in prestop.log on the volume too.
set -u
. /config/lib.sh
. /config/ask.sh

BEGAN=$(now)
UNTIL=$((BEGAN + HOOK_SECONDS))
say() { printf '%s prestop: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" | tee -a "$DATA/prestop.log" >&2; }
# The pod's log is what the server's process writes to; its number was kept by start.sh. Tried in a subshell first: an exec whose
# file cannot be opened ends the whole script.
log=/proc/$(cat "$RUNTIME/pid")/fd/2
if (exec 2>>"$log") 2>/dev/null; then exec 2>>"$log"; fi

own() { ask_node 127.0.0.1 INFO | awk -F: -v key="^$1\$" '$1 ~ key { sub(/\r$/, ""); print $2 }'; }
time_left() { [ "$(now)" -lt "$UNTIL" ]; }
# An attempt may take this long before there is anything to watch: two questions to all pods, and one to a sentinel.
attempt_left() { [ $(($(now) + 5 * ASK_SECONDS)) -lt "$UNTIL" ]; }
remember() { printf '%s\n' "$1" | replace "$DATA/role"; }

pause() {
  ask_node 127.0.0.1 CLIENT PAUSE 10000 WRITE >/dev/null
  PAUSED_AT=$(now)
}
# It is good for another while.
keep_paused() { [ $(($(now) - PAUSED_AT)) -lt "$1" ] || pause; }
unpause() {
  [ -z "$PAUSED_AT" ] || ask_node 127.0.0.1 CLIENT UNPAUSE >/dev/null
  PAUSED_AT=''
}
PAUSED_AT=''
# Not empty while a failover that was asked for may still come to something.
ASKED=''
trap '[ -n "$ASKED" ] || unpause; exit 0' EXIT TERM INT

# One line for each sentinel that sees a replica to hand over to, and can act: how many it sees, and its address.
has_candidate() {
  printf 'SENTINEL REPLICAS %s\nINFO sentinel\n' "$GROUP" | ask_sentinel "$1" | awk -v from="$1" '
    $0 == "name" { flags = "" }
    previous == "flags" { flags = $0 }
    previous == "master-link-status" { link = $0 }
    previous == "slave-priority" && flags == "slave" && link == "ok" && $0 > 0 { good++ }
    /^sentinel_tilt:1/ { good = 0; exit }
    { previous = $0 }
    END { if (good) print good, from }'
}

# One line for each other pod that follows this one: how far it has come, -1 for one whose link is down and that held data before, and
# its priority, 0 when it is about to end or has just started. Neither is waited for any longer than LINK_SECONDS (WAITS): an address
# may never come back, and the priority may always be 0.
LINK_SECONDS=15
offset_of() {
  printf 'INFO replication\n' | ask_node "$1" | awk -F: -v self="$SELF_REDIS" -v waits="$WAITS" '
    { sub(/\r$/, ""); value[$1] = $2 }
    END {
      if (value["master_host"] != self) exit
      if (value["master_link_status"] == "up") print value["slave_repl_offset"], value["slave_priority"]
      else if (waits && value["slave_repl_offset"] > 0) print -1, value["slave_priority"]
    }'
}

# replicas_at OFFSET: into OFFSETS what all replicas say, and of all of them into REPLICAS: none, held-back (one is not to be chosen,
# or not yet), behind, or ready: all hold everything up to there.
replicas_at() {
  OFFSETS=$(ask_all "$REDIS_SERVICE" offset_of)
  REPLICAS=$(printf '%s\n' "$OFFSETS" | awk -v offset="$1" -v waits="$WAITS" '
    NF { n++; if (waits && $2 == 0) held++; if ($1 < offset) behind++ }
    END { print !n ? "none" : held ? "held-back" : behind ? "behind" : "ready" }')
}

# Whether all replicas hold everything, while writes are paused. Which one the sentinel chooses is not known beforehand. Each program
# that is started here is a part of the time in which nobody can write: 10 ms and more where processors are short.
caught_up() {
  offset=$(own master_repl_offset)
  while [ -n "$offset" ]; do
    replicas_at "$offset"
    case $REPLICAS in
    ready) return 0 ;;
    held-back)
      say 'a replica is about to end, or has just started: it is not to be chosen'
      return 1
      ;;
    esac
    if [ $(($(now) - PAUSED_AT)) -gt 2 ]; then break; fi
    sleep 0.1
  done
  say "not all replicas hold everything: offset and priority are ${OFFSETS:-(none answers)}, this one is at ${offset:-(no answer)}"
  return 1
}

# shellcheck disable=SC2317 # named and watch call it
is_primary() {
  case $(ask_node "$1" ROLE) in
  master*) ;;
  *) return 1 ;;
  esac
}

# promoted SENTINEL: the node that this sentinel has chosen. It shows up to a second before any sentinel names it, and what waits in
# the pause is refused that much earlier.
promoted() {
  ask_sentinel "$1" SENTINEL REPLICAS "$GROUP" | awk '
    previous == "ip" { name = $0 }
    previous == "flags" && $0 ~ /promoted/ { print name; exit }
    { previous = $0 }'
}

# The node that some sentinel names instead of this one, once it says that it is the primary.
named() {
  for name in $(echo "$SENTINEL_VIEWS" | awk -v self="$SELF_REDIS" 'NF && $1 != self { print $1 }' | sort -u); do
    if is_primary "$name"; then
      echo "$name"
      return
    fi
  done
}

# under_way SENTINEL SECOND: whether the failover that this sentinel was asked for then may still come to something; renews the pause
# while it does.
under_way() {
  waited=$(($(now) - $2))
  if [ "$(count "$SENTINEL_VIEWS" "\$5 == \"$1\"")" -eq 0 ]; then
    [ "$waited" -le "$FAILOVER_SECONDS" ] || return 1
  elif [ "$waited" -ge 2 ] && [ "$(count "$SENTINEL_VIEWS" "\$5 == \"$1\" && \$2 !~ /failover_in_progress/")" -gt 0 ]; then
    return 1
  fi
  keep_paused 5
}

# A node that still follows this one is made to follow the new primary. Sentinels do that too, but not one that holds the address that
# it had before, for up to 30 s.
# shellcheck disable=SC2317 # ask_all calls it
repoint() {
  [ "$(ask_node "$1" ROLE | head -n 2 | tr '\n' ' ')" = "slave $SELF_REDIS " ] || return 0
  ask_node "$1" REPLICAOF "$NEW" 6379 >/dev/null
}

step_down() {
  printf 'CONFIG SET appendonly no\nREPLICAOF %s 6379\nCLIENT UNPAUSE\n' "$1" | ask_node 127.0.0.1 >/dev/null
  PAUSED_AT='' ASKED=''
  remember "replica $1"
  say "handed over to $1"
  NEW=$1
  ask_all "$REDIS_SERVICE" repoint
}

# watch SENTINEL: watches the failover that this sentinel was asked for, to its end. Whether this pod has a successor; the script ends
# here when the time does.
watch() {
  ASKED=$1
  asked_at=$(now)
  looked_at=$asked_at
  candidate=''
  at=$asked_at
  while [ "$at" -lt "$UNTIL" ]; do
    [ -n "$candidate" ] || candidate=$(promoted "$1")
    new=''
    at=$(now)
    if [ -n "$candidate" ] && is_primary "$candidate"; then
      new=$candidate
    elif [ "$at" -gt "$looked_at" ]; then
      # Once a second: this asks all of them, and is slower.
      looked_at=$at
      ask_sentinels
      new=$(named)
      if [ -z "$new" ] && ! under_way "$1" "$asked_at"; then
        ASKED=''
        return 1
      fi
    fi
    if [ -n "$new" ]; then
      step_down "$new"
      return 0
    fi
    sleep 0.02
  done
  say "the failover at $1 has not ended within $HOOK_SECONDS s: writes stay paused"
  remember primary
  exit 0
}

# Whether this pod may end as a replica. It may have been chosen just before, by the hook of the primary or by a sentinel, which looks at
# priorities every 10 s: it waits until that would show, and then for what is under way.
leave_as_replica() {
  remember "replica $(own master_host)"
  say 'is a replica: nothing to hand over'
  rm -f "$RUNTIME/held-back"
  ask_node 127.0.0.1 CONFIG SET replica-priority 0 >/dev/null
  sleep 2
  while time_left; do
    ask_sentinels
    if [ "$(own role)" = master ]; then
      say 'has been made the primary meanwhile'
      PROMOTED=yes
      return 1
    fi
    if [ "$(count "$SENTINEL_VIEWS" '$2 ~ /failover_in_progress/')" -eq 0 ]; then break; fi
    sleep 1
  done
  while time_left && own "aof_rewrite_(in_progress|scheduled)" | grep -q 1; do sleep 1; done
}
PROMOTED=''

# Who was promoted while it ends is waited for until the sentinels name it: they would go back to the old primary.
unknown_yet() {
  [ -n "$PROMOTED" ] || return 1
  ask_sentinels
  [ "$(majority_primary)" != "$SELF_REDIS" ]
}

hand_over() {
  alone=0
  while attempt_left; do
    case $(own role) in
    master) ;;
    slave)
      if leave_as_replica; then return; fi
      ;;
    *)
      say 'redis does not answer: nothing to hand over'
      return
      ;;
    esac
    if [ "$(own connected_slaves)" = 0 ]; then
      unknown_yet || alone=$((alone + 1))
      if [ "$alone" -ge 3 ]; then
        remember primary
        say 'no replica is connected: nobody to hand over to'
        return
      fi
    else
      alone=0
      sentinel=''
      WAITS=$((BEGAN + LINK_SECONDS > $(now)))
      replicas_at 0
      if [ "$REPLICAS" != held-back ]; then
        sentinel=$(ask_all "$SENTINEL_SERVICE" has_candidate | sort -rn | awk 'NR == 1 { print $2 }')
      fi
      if [ -n "$sentinel" ]; then
        pause
        if caught_up; then
          # What it took until here is not taken from the time that the failover has.
          keep_paused 2
          answer=$(ask_sentinel "$sentinel" SENTINEL FAILOVER "$GROUP")
          say "asked the sentinel at $sentinel for a failover: $answer"
          case $answer in
          OK | *INPROG*) if watch "$sentinel"; then return; fi ;;
          esac
        fi
        unpause
        say 'no switch, trying again'
      fi
    fi
    sleep 1
  done
  remember primary
  say "not handed over within $HOOK_SECONDS s"
}

hand_over
