#!/bin/sh
# Lets this redis accept a second password for a user, until it is started again:
#
#   printf %s "$NEW" | kubectl -n redis exec -i redis-0 -c redis -- sh /config/rotate.sh user-app
#
# First at every redis pod (and every sentinel pod, which has its own rotate.sh), then the Secret is changed, then both sets are
# restarted one after the other, which takes the old password away.
#
# Hazards answered here
# - A password in a command's arguments is seen by everyone who may list processes: it comes from standard input.
# - Replicas that link again during the rotation: they have the new one at once, and every primary knows both.
set -eu
. /config/lib.sh

name=${1#user-}
new=$(cat)
[ -n "$new" ] || die 'the new password is read from standard input, which is empty'
# ACL SETUSER, not ACL LOAD: that would close the connections of all users (Redis 7.0).
[ ! -f /config/users.acl ] || CLI_USER='admin'
{
  echo "ACL SETUSER $name \">$new\""
  [ "$name" != "$REPLICATION_USER" ] || echo "CONFIG SET masterauth \"$new\""
} | ask_node 127.0.0.1 | grep OK || die "redis did not take it: is the key user-$CLI_USER right?"
