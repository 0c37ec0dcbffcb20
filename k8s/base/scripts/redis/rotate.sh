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
. /config/users.sh

name=${1#user-}
new=$(cat)
[ -n "$new" ] || die 'the new password is read from standard input, which is empty'
{
  if [ -f /config/users.acl ]; then
    grep -q "^user $name " /config/users.acl || die "users.acl has no user $name"
    write_users "$name" "$new"
    echo 'ACL LOAD'
  else
    echo "ACL SETUSER $name \">$new\""
  fi
  [ "$name" != "$REPLICATION_USER" ] || echo "CONFIG SET masterauth \"$new\""
} | ask_node 127.0.0.1
