import { describe, expect, it } from 'vitest'
import { IMAGES, needsScriptPod, runInPod } from './support/script-pod.js'

const FULL = `
mount -t tmpfs -o size=256k tmpfs /data
echo primary > /data/role
ask() { $SH -c '. /config/lib.sh; ask_node 127.0.0.1 "$@"' ask "$@"; }
pings() { [ "$(ask PING)" = PONG ]; }
start() { $SH /config/start.sh > /tmp/log 2>&1 & until_ok pings; }
start
ask CONFIG SET min-replicas-to-write 0
ask SET some value
kill $! && wait $! || true

# It is the primary because nobody else is there, and cannot write that down.
rm /data/role
cat /dev/zero > /data/fill 2> /dev/null
start
grep -o 'cannot write.*' /tmp/log
echo "it has $(ask DBSIZE) keys"
if $SH /config/ready.sh 2> /tmp/ready; then echo Ready; else echo 'not Ready'; fi
grep -o 'cannot write.*' /tmp/ready
echo "files: $(cd /data && echo *)"
`

const FULL_OF_SENTINEL = `
mount -t tmpfs -o size=64k tmpfs /data
cat > /data/sentinel.conf <<END
sentinel monitor mymaster redis-0.redis-headless.redis.svc.cluster.local 6379 2
sentinel current-epoch 7
END
cat /dev/zero > /data/fill 2> /dev/null
before=$(cat /data/sentinel.conf)
if timeout 20 $SH /config/start.sh 2> /tmp/log; then echo started; else echo "it ends with $?"; fi
grep -o 'cannot write.*' /tmp/log
[ "$before" = "$(cat /data/sentinel.conf)" ] && echo "as before: $(cd /data && echo *)"
`

const CANNOT_WRITE = 'cannot write /data/role, which stays as it was; is the volume full?'

describe.each(IMAGES)('with the shell of $image', ({ shell }) => {
  it('a full volume keeps redis neither from its start nor from being Ready', (context) => {
    needsScriptPod(context)
    const { output } = runInPod({
      set: 'redis',
      shell,
      overlay: 'statefulset',
      secrets: { 'user-default': 'secret', 'sentinel-password': 'secret' },
      script: FULL
    })
    expect(output.trim().split('\n')).toEqual([
      'OK',
      'OK',
      CANNOT_WRITE,
      'it has 1 keys',
      'Ready',
      CANNOT_WRITE,
      'files: appendonlydir fill'
    ])
  })

  it('a full volume keeps a sentinel from its start, says so, and keeps its state', (context) => {
    needsScriptPod(context)
    const { output } = runInPod({
      set: 'sentinel',
      shell,
      overlay: 'statefulset',
      secrets: { 'user-default': 'secret', 'sentinel-password': 'secret' },
      script: FULL_OF_SENTINEL
    })
    expect(output.trim().split('\n')).toEqual([
      'it ends with 1',
      'cannot write /data/sentinel.conf, and a sentinel that forgets its votes may elect twice; is the volume full?',
      'as before: fill sentinel.conf'
    ])
  })
})
