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
# - A new primary whose replicas still follow this pod refuses writes (min-replicas-to-write): the sentinel that sees the most replicas
#   is asked, and as soon as there is a new primary this hook tells all others to follow it.
# - A PING that this node sends its replicas after one of them was promoted is no part of that one's history: all others would have to
#   copy all data, and there would be no writes for as long. So none is sent while a handover is young.
# - All pods deleted at once: a replica that is about to end is promoted, acknowledges what was waiting, and ends; the sentinels go back
#   to the old primary, which lacks that (455 writes once). A replica that ends says so by priority 0, the hook of the primary lets it go
#   first, and it stays while a failover is under way: if that makes it the primary, it ends as one.
# - Then nobody is left to hand over to, and a pause would only cost writes: without a replica for 2 s the hook leaves.
# - What the primary acknowledged while its last replicas ended is on none of them (22 writes once, in 45 ms), and is gone when one of
#   them is back and promoted before it: where no replica stays, one that ends has writes wait at the primary first, and ends with
#   everything. When it is gone they are refused (min-replicas-to-write).
# - Cluster DNS says where pods were, up to 30 s ago, and a question that comes while a pod ends has it say so for 30 s more. A question to
#   an address that nobody has any more takes ASK_SECONDS (2 s of a pause, once), and a pod that has just come is not in the answer: the
#   primary is asked who is connected to it, and in a pause only those are asked who answered just before.
# - Redis refuses SIGTERM while it writes its first AOF after a full resync ("Writing initial AOF, can't exit"), and does not try
#   again: it would be killed at the end of the grace period. The old primary, which holds all of its AOF, stops writing to
#   it before it is made a replica; a replica is given the time to end its rewrite.
# - The pod's log is gone when the pod is: what the hook did is in prestop.log on the volume too.
set -u
. /config/lib.sh
. /config/ask.sh

# shellcheck disable=SC2034 # print_answer looks at it
KEEP_ANSWERS=yes
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

# pause [ping]: writes wait from now on, and replicas are not pinged, or again as before: one that hears nothing for repl-timeout takes its
# primary for dead.
pause() {
  every=3600
  [ -z "${1-}" ] || every=$PING_SECONDS
  put_node 127.0.0.1 <<EOF
CONFIG SET repl-ping-replica-period $every
CLIENT PAUSE 10000 WRITE
EOF
  PAUSED_AT=$(now)
}
unpause() {
  [ -n "$PAUSED_AT" ] || return 0
  put_node 127.0.0.1 <<EOF
CONFIG SET repl-ping-replica-period $PING_SECONDS
CLIENT UNPAUSE
EOF
  PAUSED_AT=''
}
PAUSED_AT=''
PING_SECONDS=$(ask_node 127.0.0.1 CONFIG GET repl-ping-replica-period | awk 'NR == 2')
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

# linked HOST: the addresses of the replicas that are connected to it.
linked() {
  ask_node "$1" CLIENT LIST TYPE replica | awk '
    { for (i = 1; i <= NF; i++) if (sub(/^addr=/, "", $i)) { sub(/:[0-9]+$/, "", $i); gsub(/[][]/, "", $i); print $i } }'
}

LF='
'

# How far this node has come, after the word self. One line for each other pod that follows it: how far that has come, -1 when its link
# is down and it held data before; its priority, 0 when it is about to end or has just started; its name, and its address. Neither is
# waited for any longer than LINK_SECONDS (WAITS): an address may never come back, and the priority may always be 0.
LINK_SECONDS=15
# shellcheck disable=SC2317 # ask_each calls it
offset_of() {
  put_node "$1" <<'EOF'
CONFIG GET replica-announce-ip
INFO replication
EOF
  awk -F: -v address="$1" -v self="$SELF_REDIS" -v waits="$WAITS" '
    { sub(/\r$/, ""); value[$1] = $2 }
    previous == "replica-announce-ip" { name = $0 }
    { previous = $0 }
    END {
      at = value["slave_repl_offset"]
      if (address == "127.0.0.1" && value["role"] == "master") print "self", value["master_repl_offset"]
      if (value["master_host"] != self) exit
      if (value["master_link_status"] != "up") at = waits && at > 0 ? -1 : ""
      if (at != "") print at, value["slave_priority"], name, address
    }' "$answer"
}

# look_at_replicas ADDRESSES: into OFFSETS what they say, and of all of them into REPLICAS: held-back (one is not to be chosen, or not
# yet), ready (all hold everything), or behind.
look_at_replicas() {
  OFFSETS=$(ask_each "$1" offset_of)
  REPLICAS=$(printf '%s\n' "$OFFSETS" | awk -v waits="$WAITS" '
    $1 == "self" { self = $2; next }
    NF { at[++n] = $1; if (waits && $2 == 0) held = 1 }
    END {
      for (one in at) if (at[one] + 0 < self + 0) behind = 1
      print held ? "held-back" : n && self != "" && !behind ? "ready" : "behind"
    }')
}

# The addresses of those of them that answered.
followers() { printf '%s\n' "$OFFSETS" | awk 'NF == 4 { print $4 }'; }

# caught_up ADDRESSES: whether all replicas hold everything, while writes are paused. Which one the sentinel chooses is not known
# beforehand. As little as can be is asked here, and in watch, at once and by address, and answers are read where they are: each program
# that is started is a part of the time in which nobody can write, 10 ms and more where processors are short.
caught_up() {
  while :; do
    look_at_replicas "127.0.0.1 $1"
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
  say "not all replicas hold everything: offset, priority, name and address are $(printf %s "${OFFSETS:-(none answers)}" | tr '\n' ';')"
  return 1
}

# shellcheck disable=SC2317 # named and successor call it
is_primary() {
  put_node "$1" ROLE
  is=''
  IFS= read -r is <"$answer" || true
  case $is in
  master*) ;;
  *) return 1 ;;
  esac
}

# The replica that is the primary now: it followed this node when writes stood still, so it was promoted since. It says so up to a second
# before any sentinel names it, and what waits in the pause is refused that much earlier.
successor() {
  printf '%s\n' "$OFFSETS" | while read -r at _ name address; do
    if [ "$at" != self ] && is_primary "$address"; then echo "$name"; fi &
  done | cat
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
  [ $(($(now) - PAUSED_AT)) -lt 5 ] || pause ping
}

# A node that still follows this one is made to follow the new primary. Sentinels do that too, later, and not one that holds the address
# that it had before, for up to 30 s.
# shellcheck disable=SC2317 # ask_each calls it
repoint() {
  case $(ask_node "$1" ROLE) in
  "slave$LF$SELF_REDIS$LF"*) ask_node "$1" REPLICAOF "$NEW" 6379 >/dev/null ;;
  esac
}
# follow: this node becomes a replica, and who waits is told so.
follow() {
  put_node 127.0.0.1 <<EOF
CONFIG SET appendonly no
REPLICAOF $NEW 6379
CLIENT UNPAUSE
EOF
}

# step_down NAME ADDRESSES
step_down() {
  NEW=$1
  {
    follow &
    ask_each "$2" repoint
  } | cat
  PAUSED_AT='' ASKED=''
  remember "replica $NEW"
  say "handed over to $NEW"
}

# watch SENTINEL ADDRESSES: watches the failover that this sentinel was asked for, to its end. Whether this pod has a successor; the
# script ends here when the time does.
watch() {
  ASKED=$1
  asked_at=$(now)
  looked_at=$asked_at
  at=$asked_at
  while [ "$at" -lt "$UNTIL" ]; do
    new=$(successor)
    new=${new%%"$LF"*}
    at=$(now)
    if [ -z "$new" ] && [ $((at - looked_at)) -ge 2 ]; then
      # Not at once, and seldom: this asks all of them, and takes more than a second where processors are short.
      looked_at=$at
      ask_sentinels
      new=$(named)
      if [ -z "$new" ] && ! under_way "$1" "$asked_at"; then
        ASKED=''
        return 1
      fi
    fi
    if [ -n "$new" ]; then
      step_down "$new" "$2"
      return 0
    fi
    sleep 0.02
  done
  say "the failover at $1 has not ended within $HOOK_SECONDS s: writes stay paused"
  remember primary
  exit 0
}

# stays ADDRESS: a line when this is a linked replica that neither is about to end nor has just started.
# shellcheck disable=SC2317 # ask_each calls it
stays() {
  put_node "$1" INFO replication
  awk -F: '
    { sub(/\r$/, ""); value[$1] = $2 }
    END { if (value["role"] == "slave" && value["master_link_status"] == "up" && value["slave_priority"] > 0) print "stays" }' "$answer"
}

# The last to end take everything with them, and the same: one that is back first may be promoted.
part_together() {
  primary=$(own master_host)
  others=$(linked "$primary")
  [ -n "$others" ] || others=$(pods "$REDIS_SERVICE")
  [ -z "$(ask_each "$others" stays)" ] || return 0
  put_node "$primary" <<EOF
CLIENT PAUSE $PARTING_MS WRITE
INFO replication
EOF
  all=$(awk -F: '
    { sub(/\r$/, ""); value[$1] = $2 }
    END { if (value["role"] == "master") print value["master_repl_offset"] }' "$answer")
  [ -n "$all" ] || return 0
  say 'no replica stays: the primary takes no writes until this one is gone'
  paused_at=$(now)
  while [ $(($(now) - paused_at)) -lt 2 ]; do
    held=$(own slave_repl_offset)
    if [ "${held:-$all}" -ge "$all" ]; then return 0; fi
    sleep 0.1
  done
  say "it has not got everything: $held of $all"
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
  part_together
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
      # The last of them had writes wait.
      ask_node 127.0.0.1 CLIENT UNPAUSE >/dev/null
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
      look_at_replicas "$({
        pods "$REDIS_SERVICE"
        linked 127.0.0.1
      } | sort -u)"
      redis=$(followers)
      if [ "$REPLICAS" != held-back ]; then
        sentinel=$(ask_all "$SENTINEL_SERVICE" has_candidate | sort -rn | awk 'NR == 1 { print $2 }')
      fi
      if [ -n "$sentinel" ]; then
        pause
        if caught_up "$redis"; then
          # What it took until here is not taken from the time that the failover has.
          [ $(($(now) - PAUSED_AT)) -lt 2 ] || pause
          answer=$(ask_sentinel "$sentinel" SENTINEL FAILOVER "$GROUP")
          say "asked the sentinel at $sentinel for a failover: $answer"
          case $answer in
          OK | *INPROG*) if watch "$sentinel" "$redis"; then return; fi ;;
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
