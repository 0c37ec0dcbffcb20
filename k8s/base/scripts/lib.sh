# shellcheck shell=sh
# Settings and small tools of all scripts here; each begins with `. /config/lib.sh`. POSIX sh: dash, and busybox's ash.
#
# Hazards answered here
# - A password in a command's arguments is seen by everyone who may list processes: they are read from files at each start of a
#   script (so a rotated Secret is used at once) and given to the client by the environment.
# - A password with a backslash or a quote: dash's echo takes \c for the end, and redis a quote for the end of the word. Text that
#   is not ours goes through printf, and through quoted where redis reads it.
# - One question must not hang on the address of a pod that is gone: every question has a time limit.
# - A certificate that has expired in all pods at once: the probes would end all of them, and no hook would hand over. What a pod asks its
#   own server goes over its own loopback, and needs no certificate that is still good.

umask 077
# overlay.env changes values of topology.env and redis.env; acl.env and tls.env come with those components.
for settings in topology redis overlay acl tls; do
  # shellcheck source=/dev/null
  if [ -f "/config/$settings.env" ]; then . "/config/$settings.env"; fi
done

RUNTIME=/runtime
DATA=/data
MAJORITY=$((SENTINELS / 2 + 1))

SELF_REDIS=$POD_HOST.$REDIS_SERVICE.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN
SELF_SENTINEL=$POD_HOST.$SENTINEL_SERVICE.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN
# The first primary of a topology that has never held anything.
SEED=redis-0.$REDIS_SERVICE.$POD_NAMESPACE.svc.$CLUSTER_DOMAIN

# Who these scripts, the replicas and the sentinels are at the data nodes. "default" has the one password of all; acl.env has others.
CLI_USER=${CLI_USER:-default}
REPLICATION_USER=${REPLICATION_USER:-default}
SENTINEL_USER=${SENTINEL_USER:-default}
# Options of redis-cli, a list of words.
TLS=${TLS:-}

if command -v redis-server >/dev/null; then FLAVOUR=redis; else FLAVOUR=valkey; fi

# Seconds of a clock that nobody sets. The shell reads it by itself, as read_secret does.
now() {
  read -r up _ </proc/uptime
  echo "${up%%.*}"
}

# runs_for SECONDS: whether this container was started so long ago.
runs_for() {
  read -r started <"$RUNTIME/started"
  [ $(($(now) - started)) -ge "$1" ]
}

say() { printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${0##*/}:" "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# read_secret NAME: the content of a file of the mounted Secret, without the end of its line, into SECRET. The shell reads it by itself:
# starting a program takes as long as a question.
read_secret() {
  SECRET=''
  # It fails where the line has no end, and has read it all the same.
  if [ -r "/auth/$1" ]; then IFS= read -r SECRET <"/auth/$1" || true; fi
  [ -z "$SECRET" ] || return 0
  say "/auth/$1 is not there, empty, or not readable: the Secret redis-auth needs the key $1"
  return 1
}

# secret NAME: the same, printed; the script ends where it cannot be read.
secret() {
  read_secret "$1" || exit 1
  printf %s "$SECRET"
}

# quoted TEXT: as one word of a configuration file, or of a command that redis-cli reads. Both split a line by the same rules: between
# double quotes only a backslash and a double quote mean something else.
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

# need KEY...: ends the script when the Secret lacks one. For the beginning of a script: inside $(...) or a pipeline, secret would
# end only that, and an empty password is none at all.
need() {
  for key in "$@"; do secret "$key" >/dev/null; done
}

# put PORT PASSWORD-FILE WORDS HOST ARG...: asks one pod, and has its answer in the file $answer, which is empty if there is none within
# ASK_SECONDS. Without an ARG the commands come from standard input. Not by a pipe: what busybox's timeout leaves running for up to a
# second would keep it open for as long.
put() {
  answer=/tmp/ask.$$.$4
  ask_port=$1 ask_password=$2 ask_words=$3 ask_host=$4
  shift 4
  # Without a password there is an answer too, and any is a sign of life.
  read_secret "$ask_password" || true
  ask_tls=$TLS
  if [ -n "$TLS" ] && [ "$ask_host" = 127.0.0.1 ]; then ask_tls="$TLS --insecure"; fi
  # shellcheck disable=SC2086 # TLS and the words are lists
  REDISCLI_AUTH=$SECRET timeout "$ASK_SECONDS" \
    "$FLAVOUR-cli" -h "$ask_host" -p "$ask_port" $ask_tls $ask_words "$@" >"$answer" 2>/dev/null || true
}

# put_node HOST ARG...: asks a data node.
put_node() { put 6379 "user-$CLI_USER" "--user $CLI_USER" "$@"; }

# ask_node HOST ARG..., ask_sentinel HOST ARG...: the same, and the answer is printed. Removing it is left to the end of its pod by a script
# that asks often and sets KEEP_ANSWERS.
ask_node() {
  put_node "$@"
  print_answer
}
ask_sentinel() {
  put 26379 sentinel-password '' "$@"
  print_answer
}
print_answer() {
  cat "$answer"
  [ -n "${KEEP_ANSWERS-}" ] || rm -f "$answer"
}

# addresses NAME: all addresses that the DNS has for a name. The dot at its end keeps the resolver from trying the name in each of
# the search domains too when it does not exist.
addresses() { getent ahosts "$1." | awk '{ print $1 }' | sort -u; }

# known_by_dns NAME: whether the name leads to this pod.
known_by_dns() { addresses "$1" | grep -qxF "$POD_IP"; }

# replace FILE: what comes in becomes the file, at once and never half. Fails, and leaves the old one, when it cannot be written.
replace() {
  if cat >"$1.new" && mv "$1.new" "$1"; then return 0; fi
  rm -f "$1.new"
  return 1
}

# write_role ROLE: what decide.sh looks at when nobody answers. It is worth less than this pod: it goes on where it cannot be written.
write_role() {
  written=''
  if [ -r "$DATA/role" ]; then IFS= read -r written <"$DATA/role" || true; fi
  [ "$written" != "$1" ] || return 0
  printf '%s\n' "$1" | replace "$DATA/role" || say "cannot write $DATA/role, which stays as it was; is the volume full?"
}
