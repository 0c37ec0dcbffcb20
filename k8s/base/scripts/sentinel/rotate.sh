#!/bin/sh
# One of the two steps of a rotation at this sentinel pod, for a key of the Secret; docs/kubernetes.md has all of them.
#
#   printf %s "$NEW" | kubectl -n redis exec -i sentinel-0 -c sentinel -- sh /config/rotate.sh accept sentinel-password
#
#   accept  it takes a second password, until it is started again
#   use     it tells the new one to its peers, or to the data nodes
#
# Hazards answered here
# - A password in a command's arguments is seen by everyone who may list processes: it comes from standard input.
# - redis-cli ends with 0 when it was refused: only OK counts.
# - A sentinel that tells its peer a password which that one does not know yet holds it to be down for ever: the refusal counts as
#   an answer, so it never connects again. First "accept" at every pod, then "use".
set -eu
. /config/lib.sh

step=$1 key=$2
new=$(cat)
[ -n "$new" ] || die 'the new password is read from standard input, which is empty'
case $step-$key in
accept-sentinel-password) command="ACL SETUSER default $(quoted ">$new")" ;;
use-sentinel-password) command="SENTINEL CONFIG SET sentinel-pass $(quoted "$new")" ;;
"use-user-$SENTINEL_USER") command="SENTINEL SET $GROUP auth-pass $(quoted "$new")" ;;
accept-* | use-*) command='' ;;
*) die "there is no step $step: accept or use" ;;
esac
[ -n "$command" ] || exit 0
need sentinel-password
answer=$(printf '%s\n' "$command" | ask_sentinel 127.0.0.1)
[ "$answer" = OK ] || die "the sentinel did not take it: ${answer:-no answer}"
echo OK
