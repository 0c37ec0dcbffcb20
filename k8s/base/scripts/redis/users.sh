# shellcheck shell=sh
# The ACL file: users.acl of the component acl, with the hash of each user's password.
#
# Hazards answered here
# - A rotation in which for a moment neither password is right everywhere: a user may have two.

# write_users [NAME PASSWORD]: each user's password is the file user-NAME of the Secret; this one has another besides.
write_users() {
  while read -r word name rest; do
    [ "$word" = user ] || continue
    case $rest in
    off*) echo "user $name $rest" ;;
    *)
      second=''
      if [ "$name" = "${1:-}" ]; then second="#$(hash "$2") "; fi
      echo "user $name on #$(hash "$(secret "user-$name")") $second$rest"
      ;;
    esac
  done </config/users.acl | replace "$RUNTIME/users.acl"
}

hash() { printf %s "$1" | sha256sum | cut -d ' ' -f 1; }
