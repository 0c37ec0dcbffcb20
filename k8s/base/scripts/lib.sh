# shellcheck shell=sh
# Settings and small tools of all scripts here; each begins with `. /config/lib.sh`. POSIX sh: dash, and busybox's ash.
#
# Hazards answered here
# - A password in a command's arguments is seen by everyone who may list processes: they are read from files at each start of a
#   script (so a rotated Secret is used at once) and given to the client by the environment.
# - One question must not hang on the address of a pod that is gone: every question has a time limit.

umask 077
# shellcheck source=../conf/topology.env
. /config/topology.env

RUNTIME=/runtime
DATA=/data
MAJORITY=$((SENTINELS / 2 + 1))

SELF_REDIS=$POD_HOST.$REDIS_SERVICE.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN
SELF_SENTINEL=$POD_HOST.$SENTINEL_SERVICE.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN
# The first primary of a topology that has never held anything.
SEED=redis-0.$REDIS_SERVICE.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN

# Which of the users of the data nodes these scripts are: "default" has the one password of all, unless there is an ACL.
CLI_USER=default
REPLICATION_USER=default
SENTINEL_USER=default
# shellcheck source=/dev/null
if [ -f /config/acl.env ]; then . /config/acl.env; fi

if command -v redis-server >/dev/null; then FLAVOUR=redis; else FLAVOUR=valkey; fi

TLS=''
if [ -f /config/tls.conf ]; then TLS="--tls --cacert /tls/ca.crt --cert /tls/tls.crt --key /tls/tls.key"; fi

now() { date +%s; }

say() { printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${0##*/}:" "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# secret NAME: the content of a file of the mounted Secret.
secret() {
  [ -r "/auth/$1" ] || die "there is no readable file /auth/$1: the Secret redis-auth has no key $1, or is not mounted"
  cat "/auth/$1"
}

# ask_node HOST ARG...: asks a data node; with no ARG the commands come from standard input.
ask_node() {
  ask_host=$1
  shift
  # shellcheck disable=SC2086 # TLS is a list of words
  REDISCLI_AUTH=$(secret "user-$CLI_USER") timeout "$ASK_SECONDS" \
    "$FLAVOUR-cli" -h "$ask_host" -p 6379 $TLS --user "$CLI_USER" "$@" 2>/dev/null
}

# ask_sentinel HOST ARG...
ask_sentinel() {
  ask_host=$1
  shift
  # shellcheck disable=SC2086 # TLS is a list of words
  REDISCLI_AUTH=$(secret sentinel-password) timeout "$ASK_SECONDS" \
    "$FLAVOUR-cli" -h "$ask_host" -p 26379 $TLS "$@" 2>/dev/null
}

# addresses NAME: all addresses that the DNS has for a name.
addresses() { timeout 5 getent ahosts "$1" | awk '{ print $1 }' | sort -u; }

# known_by_dns NAME: whether the name leads to this pod.
known_by_dns() { addresses "$1" | grep -qxF "$POD_IP"; }

# replace FILE: what comes in becomes the file, at once and never half.
replace() { cat >"$1.new" && mv "$1.new" "$1"; }
