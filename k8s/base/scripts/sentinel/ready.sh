#!/bin/sh
# Whether clients may ask this sentinel: it answers and names a primary. Not CKQUORUM: a sentinel in the minority still knows the way.
#
# Hazards answered here
# - Ready, but not to be found: the other pods and the clients reach a recreated sentinel by its name only after the DNS has
#   forgotten the old address (30 s), and a rollout that goes on before that leaves no sentinel to be found at all. So there is
#   a gate for the first time: this pod's name leads to this pod, and as many others as make a majority with it have had
#   its answer to their PING within 2 s. Once open, the others are never asked again; it opens after FIRST_READY_SECONDS anyway.
set -eu
. /config/lib.sh

primary=$(ask_sentinel 127.0.0.1 SENTINEL GET-MASTER-ADDR-BY-NAME "$GROUP" | head -n 1)
case $primary in
'' | 127.* | ERR* | NOAUTH* | WRONGPASS*) die "names no primary: $primary" ;;
esac

[ ! -f "$RUNTIME/seen" ] || exit 0
if ! runs_for "$FIRST_READY_SECONDS"; then
  . /config/ask.sh

  # "yes" when this peer has heard this sentinel lately.
  heard_by() {
    ask_sentinel "$1" SENTINEL SENTINELS "$GROUP" | awk -v self="$SELF_SENTINEL" '
      $0 == "name" { mine = 0 }
      previous == "ip" && $0 == self { mine = 1 }
      previous == "flags" && mine { flags = $0 }
      previous == "last-ok-ping-reply" && mine { ago = $0 }
      { previous = $0 }
      END { if (flags == "sentinel" && ago != "" && ago < 2000) print "yes" }'
  }

  known_by_dns "$SELF_SENTINEL" || die "the DNS does not lead $SELF_SENTINEL to $POD_IP yet"
  heard=$(ask_all "$SENTINEL_SERVICE" heard_by | grep -c yes || true)
  [ "$heard" -ge $((MAJORITY - 1)) ] || die "only $heard other sentinels hear this one yet"
fi
: >"$RUNTIME/seen"
