#!/bin/sh
# Whether all sentinels and all redis pods tell the same story. Exit code 0 when they do. Run it between two drills: a sentinel that
# was without DNS is in TILT for 30 s more and takes part in no failover.
set -eu
. /config/lib.sh
. /config/ask.sh

problems=0
problem() {
  problems=$((problems + 1))
  echo "PROBLEM: $*"
}

for service in redis-headless sentinel-headless; do
  [ -n "$(addresses "$service.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN")" ] || problem "the DNS has no address for $service"
done

ask_sentinels
ask_nodes
echo "$SENTINEL_VIEWS" | awk 'NF { print "sentinel", $5, "names", $1, "(" $2 "),", $3, "replicas,", $4, "other sentinels" }'
echo "$NODE_VIEWS" | awk 'NF { print $2, $1, $3 == "-" ? "with " $4 " replicas" : "follows " $3 }'

[ "$(count "$SENTINEL_VIEWS" 1)" -ge "$SENTINELS" ] || problem "$(count "$SENTINEL_VIEWS" 1) of $SENTINELS sentinels answer"
[ "$(count "$NODE_VIEWS" 1)" -ge "$REDIS_NODES" ] || problem "$(count "$NODE_VIEWS" 1) of $REDIS_NODES redis pods answer"
[ "$(echo "$SENTINEL_VIEWS" | awk 'NF { print $1 }' | sort -u | wc -l)" -eq 1 ] || problem 'the sentinels disagree about the primary'
[ "$(count "$SENTINEL_VIEWS" '$2 != "master"')" -eq 0 ] || problem 'a sentinel holds the primary to be down, or a failover is under way'
[ "$(primaries)" = "$(majority_primary)" ] || problem "primary by the pods: $(primaries | tr '\n' ' '), by the sentinels: $(majority_primary)"
for sentinel in $(sentinels_that 1); do
  ask_sentinel "$sentinel" INFO sentinel | grep -q '^sentinel_tilt:0' || problem "the sentinel $sentinel is in TILT"
  ask_sentinel "$sentinel" SENTINEL CKQUORUM "$GROUP" | grep -q '^OK' || problem "the sentinel $sentinel has no quorum"
done

[ "$problems" -eq 0 ] || exit 1
echo 'OK: one primary, all agree'
