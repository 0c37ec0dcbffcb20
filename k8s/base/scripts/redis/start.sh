#!/bin/sh
# Starts redis in its place: as the primary, or as the replica of the right one. It is the main container's command, since an
# init container is not run again when only the container restarts, and that is how an empty primary returns fastest.
#
# Hazards answered here
# - An empty primary that is back before the sentinels miss it makes every replica empty: it fails over first, and joins after.
#   "Empty" is what redis will load: with appendonly it ignores dump.rdb, which every full resync leaves behind.
# - A primary whose pod was replaced without its hook (a force delete, a lost node) is back in a second or two, but sentinels and
#   replicas look for it at its old address until the DNS forgets that. They fail over; what it acknowledged meanwhile is lost
#   (5 s of writes in a trial). So a new pod that is still named asks for that failover itself, if there is a replica that has lived
#   through it.
# - Where there is no such replica, all redis pods having ended, it is the primary, and they may fail over from it all the same: each of them
#   finds it when the DNS lets it, and every 40 s one tries again. What it acknowledged until a client has heard of that was lost (76
#   writes once). So it takes no writes before a majority of the sentinels sees it; ready.sh lets them in.
# - Two primaries after pod 0 lost its volume, or after a failover: the ordinal counts only where nothing was ever stored. The
#   sentinels' majority decides; without one, the only primary among the pods; without that, the role that the volume remembers.
# - Cluster DNS keeps old answers and "exists not" for 30 s: nothing is decided for want of an answer before DECISION_SECONDS, nor
#   while the DNS does not lead this pod's own name to this pod.
# - After a total restart sentinels promote whichever replica they see first, and with it goes what only the primary and another
#   replica had: all that was acknowledged between the ends of two pods, also when all ended in peace. Nobody can tell how far such a
#   replica has come, so it starts with priority 0, which no sentinel promotes. ready.sh gives it its own one when it is linked to its
#   primary, or when that has not come within DECISION_SECONDS.
# - A Secret without a key, or with an empty one: redis would start with an empty password, which is none. A user without one stays off.
# - A full volume: a replica of one can still be read, and the AOF may be the very thing to be rewritten. The role is written only
#   when it is another, and nothing ends when it cannot be.
# - Old configuration and passwords kept on a volume: the configuration is made anew at each start and is not on the volume.
set -eu
. /config/lib.sh
. /config/ask.sh
. /config/decide.sh
trap 'exit 143' TERM INT
need "user-$CLI_USER" "user-$REPLICATION_USER" sentinel-password

# redis.conf, and redis-tls.conf and the like of components and overlays, which may say otherwise.
configuration_files() {
  for file in /config/redis.conf /config/redis-*.conf; do
    [ ! -f "$file" ] || echo "$file"
  done
}

# configured DIRECTIVE DEFAULT: what those files say; DIRECTIVE is an expression for all of its names.
configured() {
  configuration_files | xargs cat | awk -v directive="^($1)\$" -v value="$2" '
    $1 ~ directive { value = $2 }
    END { print value }'
}

# The configuration that redis starts with. Sentinel has it rewritten (CONFIG REWRITE), so it must be writable.
configure() {
  {
    configuration_files | sed 's/^/include /'
    echo "replica-announce-ip $SELF_REDIS"
    [ "$REPLICATION_USER" = default ] || echo "masteruser $REPLICATION_USER"
    printf 'masterauth %s\n' "$(quoted "$(secret "user-$REPLICATION_USER")")"
    if [ -f /config/users.acl ]; then
      echo "aclfile $RUNTIME/users.acl"
    else
      printf 'requirepass %s\n' "$(quoted "$(secret user-default)")"
    fi
    if [ "$1" != primary ]; then
      echo "replicaof $1 6379"
      echo 'replica-priority 0'
    elif [ -f "$RUNTIME/no-writes" ]; then
      echo "min-replicas-to-write $NO_WRITES"
    fi
  } | replace "$RUNTIME/redis.conf"
}

# Each user of users.acl is switched on by the hash of the password that is the file user-NAME of the Secret; without one it stays off.
write_users() {
  while read -r word name rest; do
    [ "$word" = user ] || continue
    case $rest in
    off*) ;;
    *) if read_secret "user-$name" 2>/dev/null; then rest="on #$(printf %s "$SECRET" | sha256sum | cut -d ' ' -f 1) $rest"; else rest="off $rest"; fi ;;
    esac
    printf 'user %s %s\n' "$name" "$rest"
  done </config/users.acl | replace "$RUNTIME/users.acl"
}

# A container that is started again has its pod's address still; a new pod has a new one, and so has a pod whose sandbox was made anew, which
# keeps its files.
last_address=''
if [ -f "$RUNTIME/address" ]; then read -r last_address <"$RUNTIME/address"; fi
if [ "$last_address" = "$POD_IP" ]; then NEW_POD=''; else NEW_POD=yes; fi
# The emptyDir outlives the container, and the mark of the last container must not open the gate for this one.
rm -f "$RUNTIME/seen" "$RUNTIME/held-back" "$RUNTIME/no-writes"
now >"$RUNTIME/started"
echo "$POD_IP" >"$RUNTIME/address"
echo $$ >"$RUNTIME/pid"
if [ -f /config/users.acl ]; then write_users; fi

decide
# A volume that never held anything is left so until redis runs: ready.sh writes its role then.
if ! is_blank; then
  if [ "$PLACE" = primary ]; then write_role primary; else write_role "replica $PLACE"; fi
fi
if [ "$PLACE" != primary ]; then
  configured '(replica|slave)-priority' 100 >"$RUNTIME/held-back"
elif [ -n "$NEW_POD" ] && [ -n "$named" ]; then
  configured 'min-(replicas|slaves)-to-write' 0 >"$RUNTIME/no-writes"
fi
configure "$PLACE"
say "starting as ${PLACE%%.*}"
exec "$FLAVOUR-server" "$RUNTIME/redis.conf"
