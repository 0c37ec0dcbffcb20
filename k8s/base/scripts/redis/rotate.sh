#!/bin/sh
# One of the two steps of a rotation at this redis pod, for a key of the Secret; docs/kubernetes.md has all of them.
#
#   printf %s "$NEW" | kubectl -n redis exec -i redis-0 -c redis -- sh /config/rotate.sh accept user-app
#
#   accept  the user has a second password, until redis is started again
#   use     it links to its primary with the new one, if that user is the replicas'
#
# Hazards answered here
# - A password in a command's arguments is seen by everyone who may list processes: it comes from standard input.
# - Who uses a new password before all others accept it is shut out: first "accept" at every pod, sentinels too, then "use".
# - redis-cli ends with 0 when it was refused: only OK counts.
# - ACL LOAD would close the connections of all users (Redis 7.0): ACL SETUSER is what accepts.
set -eu
. /config/lib.sh

step=$1 name=${2#user-}
new=$(cat)
[ -n "$new" ] || die 'the new password is read from standard input, which is empty'
[ ! -f /config/users.acl ] || CLI_USER='admin'
case $step-$name in
*-sentinel-password) command='' ;;
accept-*) command="ACL SETUSER $name $(quoted ">$new")" ;;
"use-$REPLICATION_USER") command="CONFIG SET masterauth $(quoted "$new")" ;;
use-*) command='' ;;
*) die "there is no step $step: accept or use" ;;
esac
[ -n "$command" ] || exit 0
need "user-$CLI_USER"
answer=$(printf '%s\n' "$command" | ask_node 127.0.0.1)
[ "$answer" = OK ] || die "redis did not take it from the user $CLI_USER: ${answer:-no answer}"
echo OK
