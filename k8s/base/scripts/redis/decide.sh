# shellcheck shell=sh
# decide: puts the place of this pod into PLACE, which is "primary" or the name of the pod to follow. start.sh tells the hazards.
#
#   1. More than half of the sentinels name one: follow it. If it is this pod: be it, unless it is empty and another has data, or it
#      is a new pod and a replica is there to take over.
#   2. Nothing was ever stored here or anywhere: pod 0 is the primary, the others follow it.
#   From DECISION_SECONDS on, and if the DNS knows this pod:
#   3. One of the other pods says that it is the primary: follow it. Two say so: refuse to choose.
#   4. The role that this volume remembers.
#   5. Pod 0 is the primary, the others follow it.

# Whether redis will load anything from this volume.
has_data() {
  if grep -q '^appendonly yes' /config/redis.conf; then
    for manifest in "$DATA"/appendonlydir/*.manifest; do
      [ -f "$manifest" ] || return 1
    done
    # A base file without keys is smaller than this, and an increment begins with the first write.
    [ -n "$(find "$DATA/appendonlydir" -type f \( -name '*.incr.aof' -size +0 -o -name '*.base.*' -size +200c \))" ]
  else
    [ -f "$DATA/dump.rdb" ] && [ -n "$(find "$DATA/dump.rdb" -size +200c)" ]
  fi
}

is_blank() { [ ! -f "$DATA/role" ] && ! has_data; }

be() {
  PLACE=$1
  say "$2"
}

decide() {
  PLACE=''
  began=$(now)
  told=''
  # A new set would ask before the first of its pods has a name, and the DNS would keep "exists not" for 30 s.
  if [ -n "$NEW_POD" ] && is_blank; then sleep "$SETTLE_SECONDS"; fi
  while [ -z "$PLACE" ]; do
    ask_sentinels
    named=$(majority_primary)
    if [ -n "$named" ]; then
      obey "$named"
    else
      ask_nodes
      begin_new
      if [ -z "$PLACE" ] && [ $(($(now) - began)) -ge "$DECISION_SECONDS" ]; then decide_alone; fi
    fi
    [ -n "$PLACE" ] || sleep 1
  done
}

# Waiting is said once for each reason.
wait_for() {
  [ "$told" = "$1" ] || say "waiting: $1"
  told=$1
}

# obey NAME: the sentinels' majority names NAME.
obey() {
  if [ "$1" != "$SELF_REDIS" ]; then
    be "$1" "the sentinels name $1"
  elif [ "$(count "$SENTINEL_VIEWS" '$2 ~ /failover_in_progress/')" -gt 0 ]; then
    wait_for 'the sentinels still name this pod, but a failover is under way'
  elif has_data; then
    keep_or_hand_over
  elif [ "$(count "$SENTINEL_VIEWS" '$3 > 0')" -eq 0 ]; then
    be primary 'the sentinels name this pod, and nobody ever followed it'
  else
    give_way
  fi
}

# How long a new pod tries to give the primary away before it is the primary itself.
HAND_OVER_SECONDS=20

# The sentinels name this pod, and it has its data.
keep_or_hand_over() {
  ask_nodes
  # Who has run for longer than it took this pod to come back has all that was replicated, and is where the sentinels look for it.
  survivors=$(count "$NODE_VIEWS" "\$2 == \"replica\" && \$3 == \"$SELF_REDIS\" && \$5 == \"yes\" && \$6 > 30")
  if [ -z "$NEW_POD" ] || [ "$survivors" -eq 0 ] || [ $(($(now) - began)) -ge "$HAND_OVER_SECONDS" ]; then
    be primary 'the sentinels name this pod'
  else
    wait_for 'the sentinels name this pod and do not know its new address: asking for a failover'
    ask_for_failover
  fi
}

ask_for_failover() {
  ask_sentinel "$(sentinels_that "\$1 == \"$SELF_REDIS\"" | head -n 1)" SENTINEL FAILOVER "$GROUP" >&2
}

# The sentinels name this pod, and it is empty. Who follows it would become empty.
give_way() {
  ask_nodes
  replicas=$(printf '%s\n' "$SENTINEL_VIEWS" | awk '$3 > n { n = $3 } END { print n + 0 }')
  if [ "$(count "$NODE_VIEWS" '$5 == "yes"')" -gt 0 ]; then
    wait_for 'the sentinels name this pod, it is empty and another has data: asking for a failover'
    ask_for_failover
  elif [ "$(count "$NODE_VIEWS" 1)" -ge "$replicas" ]; then
    be primary 'the sentinels name this pod, and all that followed it are empty as it is'
  elif [ $(($(now) - began)) -ge "$DECISION_SECONDS" ]; then
    die "the sentinels name this pod, it is empty, and of the $replicas replicas they know only $(count "$NODE_VIEWS" 1)" \
      "answered, all empty. If the others are gone for good: SENTINEL RESET $GROUP at each sentinel, one after the other"
  else
    wait_for 'the sentinels name this pod, it is empty, and a replica that may have data does not answer yet'
  fi
}

# Nothing was ever stored: neither here, nor where anyone answers, and no sentinel is there that could know better.
begin_new() {
  if ! is_blank || [ -n "$SENTINEL_VIEWS" ] || [ "$(count "$NODE_VIEWS" '$5 == "yes"')" -gt 0 ]; then return; fi
  if ! known_by_dns "$SELF_REDIS"; then return; fi
  if [ "$SELF_REDIS" != "$SEED" ]; then
    if [ "$(primaries | grep -cvxF "$SEED")" -eq 0 ]; then be "$SEED" "nothing is stored anywhere: following $SEED"; fi
  elif [ "$(count "$NODE_VIEWS" "\$2 == \"replica\" && \$3 == \"$SEED\"")" -ge $((REDIS_NODES - 1)) ]; then
    be primary 'nothing is stored anywhere, and all others follow this pod'
  fi
}

decide_alone() {
  if ! known_by_dns "$SELF_REDIS"; then
    wait_for "no majority of the sentinels answers, and the DNS does not lead $SELF_REDIS to $POD_IP"
    return
  fi
  case $(primaries | wc -l) in
  0) remember ;;
  1) be "$(primaries)" "no majority of the sentinels answers, and $(primaries) is the only primary" ;;
  *) die "no majority of the sentinels answers, and there is more than one primary: $(primaries | tr '\n' ' ')" ;;
  esac
}

remember() {
  if [ -f "$DATA/role" ]; then
    read -r role name <"$DATA/role"
    be "${name:-$role}" "nobody answers, and the last role of this volume was: $role $name"
  elif [ "$SELF_REDIS" = "$SEED" ]; then
    be primary 'nobody answers, this volume remembers no role, and this is pod 0'
  else
    be "$SEED" 'nobody answers, and this volume remembers no role: following pod 0'
  fi
}
