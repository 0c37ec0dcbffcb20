# shellcheck shell=sh
# Questions to all sentinels and to all redis pods at once: a line for each pod that answered.
#
# Hazards answered here
# - A question for a pod's own name before it exists makes that pod invisible to the whole cluster for 30 s (cluster DNS keeps
#   "exists not"): the headless Service is asked instead, one name that lists whoever is there, leftovers of a scale-down too.
# - Some of the listed addresses belong to pods that are gone: all are asked side by side, so the slowest costs ASK_SECONDS.
# - CKQUORUM says OK at each of three sentinels that disagree: they are asked for their primary, and more than half must name the same.

# pods SERVICE: the addresses of all its pods.
pods() { addresses "$1.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN"; }

# ask_each ADDRESSES QUESTION: runs QUESTION ADDRESS for every address but this pod's, and is done when the last of them has closed its
# output. Not by `wait`: busybox's has been seen to sleep on after the last child had ended.
ask_each() {
  for address in $1; do
    [ "$address" = "$POD_IP" ] || "$2" "$address" &
  done | cat
}

# ask_all SERVICE QUESTION: of every pod of the Service but this one.
ask_all() { ask_each "$(pods "$1")" "$2"; }

# One line: the primary's name, its flags, num-slaves, num-other-sentinels, and the sentinel's address.
sentinel_view() {
  ask_sentinel "$1" SENTINEL MASTER "$GROUP" | awk -v from="$1" '
    NR % 2 { key = $1; next }
    { value[key] = $1 }
    END { if ("ip" in value) print value["ip"], value["flags"], value["num-slaves"], value["num-other-sentinels"], from }'
}

# One line: its name, role, whom it follows, how many follow it, whether it holds data (yes, no), and for how many seconds it has run.
node_view() {
  printf 'CONFIG GET replica-announce-ip\nINFO replication\nINFO keyspace\nINFO persistence\nINFO server\n' | ask_node "$1" | awk -F: '
    { sub(/\r$/, "") }
    previous == "replica-announce-ip" { name = $0 }
    { previous = $0 }
    $1 == "role" { role = $2 == "master" ? "primary" : "replica" }
    $1 == "master_host" { follows = $2 }
    $1 == "connected_slaves" { followers = $2 }
    $1 ~ /^db[0-9]+$/ || /^loading:1/ { data = "yes" }
    $1 == "uptime_in_seconds" { runs = $2 }
    END { if (name != "" && role != "") print name, role, follows == "" ? "-" : follows, followers, data == "" ? "no" : data, runs }'
}

# sentinels: the views of all sentinels that answer, into SENTINEL_VIEWS.
ask_sentinels() { SENTINEL_VIEWS=$(ask_all "$SENTINEL_SERVICE" sentinel_view); }

# nodes: the views of all other redis pods that answer, into NODE_VIEWS.
ask_nodes() { NODE_VIEWS=$(ask_all "$REDIS_SERVICE" node_view); }

# The primary that more than half of all sentinels name; of all that should be (SENTINELS) or of all that one of them knows, if more.
majority_primary() {
  printf '%s\n' "$SENTINEL_VIEWS" | awk -v all="$SENTINELS" '
    NF { votes[$1]++; if ($4 + 1 > all) all = $4 + 1 }
    END { for (name in votes) if (votes[name] * 2 > all) print name }'
}

# count VIEWS CONDITION: how many of the lines meet an awk condition.
count() { printf '%s\n' "$1" | awk "NF && ($2) { n++ } END { print n + 0 }"; }

# sentinels_that CONDITION: the addresses of the sentinels whose view meets an awk condition.
sentinels_that() { printf '%s\n' "$SENTINEL_VIEWS" | awk "NF && ($1) { print \$5 }"; }

# The names of those that say they are the primary.
primaries() { printf '%s\n' "$NODE_VIEWS" | awk '$2 == "primary" { print $1 }'; }
