#!/bin/sh
# Lets this sentinel use a new password at the data nodes, or accept a second one itself:
#
#   printf %s "$NEW" | kubectl -n redis exec -i sentinel-0 -c sentinel -- sh /config/rotate.sh user-sentinel
#   printf %s "$NEW" | kubectl -n redis exec -i sentinel-0 -c sentinel -- sh /config/rotate.sh sentinel-password
#
# Every redis pod must know the new password before the first sentinel uses it. What the others do not concern is left as it is.
#
# Hazards answered here
# - A password in a command's arguments is seen by everyone who may list processes: it comes from standard input.
set -eu
. /config/lib.sh

new=$(cat)
[ -n "$new" ] || die 'the new password is read from standard input, which is empty'
case $1 in
"user-$SENTINEL_USER") echo "SENTINEL SET $GROUP auth-pass \"$new\"" ;;
sentinel-password) printf 'ACL SETUSER default ">%s"\nSENTINEL CONFIG SET sentinel-pass "%s"\n' "$new" "$new" ;;
*) say "$1 is nothing that a sentinel uses" ;;
esac | ask_sentinel 127.0.0.1
