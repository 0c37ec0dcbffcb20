import { describe, expect, it } from 'vitest'
import { IMAGES, needsScriptPod, runInPod } from './support/script-pod.js'

/** What dash's echo, redis's quotes, sed and the shell could take for something else. */
const OLD = String.raw`a"b\cd\\e\nf $HOME ${'`'}g${'`'} 'h' & i\x41"`
const NEW = String.raw`\"second\" \1 & \\`

/** A redis that answers, and what asks it. */
const STARTED = `
echo primary > /data/role
$SH /config/start.sh > /tmp/log 2>&1 &
ask() { $SH -c '. /config/lib.sh; ask_node 127.0.0.1 "$@"' ask "$@"; }
pings() { [ "$(ask PING)" = PONG ]; }
until_ok pings
`

const REDIS = `${STARTED}
same() { [ "$1" = "$(cat "$2")" ] && echo "$3: same"; }
same "$(ask CONFIG GET masterauth | tail -n +2)" "/auth/user-$REPLICATION" masterauth
for step in accept use; do printf %s "$NEW" | $SH /config/rotate.sh $step "user-$REPLICATION"; done
printf %s "$NEW" > /tmp/new
same "$(ask CONFIG GET masterauth | tail -n +2)" /tmp/new 'the next masterauth'
echo "with the next password: $(REDISCLI_AUTH="$NEW" redis-cli --user "$REPLICATION" ping)"
`

const SENTINEL = `
redis-server --save '' > /tmp/log &
until_ok redis-cli ping > /dev/null
tr -d '\\n' < "/auth/user-default" | redis-cli -x CONFIG SET requirepass
echo "sentinel monitor mymaster redis-0.redis-headless.redis.svc.cluster.local 6379 2" > /data/sentinel.conf
ask() { $SH -c '. /config/lib.sh; ask_sentinel 127.0.0.1 "$@"' ask "$@"; }
# Only INFO tells the run id, and only who is let in gets INFO.
sees_primary() { ask SENTINEL MASTER mymaster | grep -A 1 '^runid$' | grep -qE '^[0-9a-f]{40}$'; }
for start in first second; do
  $SH /config/start.sh > /tmp/log 2>&1 &
  until_ok sees_primary
  echo "the $start start: it sees the primary"
  [ $start = second ] || { ask SENTINEL FLUSHCONFIG; kill $!; wait $! || true; }
done
for key in user-default sentinel-password; do
  for step in accept use; do printf %s "$NEW" | $SH /config/rotate.sh $step $key; done
done
echo "with the next password: $(REDISCLI_AUTH="$NEW" redis-cli -p 26379 ping)"
`

const USERS = `${STARTED}
for user in app admin exporter; do redis-cli AUTH $user '' 2>&1 | grep -o WRONGPASS; done
for user in app admin exporter; do grep -o "^user $user o[a-z]*" /runtime/users.acl; done
`

describe.each(IMAGES)(
  'an empty password, or one that is an end of line alone, with the shell of $image',
  ({ shell }) => {
    it('leaves its user switched off', (context) => {
      needsScriptPod(context)
      const { output } = runInPod({
        set: 'redis',
        shell,
        overlay: 'production',
        without: ['redis-tls.conf', 'tls.env'],
        secrets: {
          'user-replication': 'r',
          'user-probe': 'p',
          'sentinel-password': 's',
          'user-admin': '',
          'user-app': '\n',
          'user-exporter': 'e'
        },
        script: USERS
      })
      expect(output.trim().split('\n')).toEqual([
        ...['WRONGPASS', 'WRONGPASS', 'WRONGPASS'],
        'user app off',
        'user admin off',
        'user exporter on'
      ])
    })

    it.for(['', '\n'])('of those that are needed starts nothing (%j)', (password, context) => {
      needsScriptPod(context)
      const { code, errors } = runInPod({
        set: 'redis',
        shell,
        overlay: 'statefulset',
        secrets: { 'user-default': password, 'sentinel-password': 's' },
        script: 'timeout 5 $SH /config/start.sh'
      })
      expect([code === 0, errors]).toEqual([false, expect.stringContaining('/auth/user-default is not there, empty')])
    })
  }
)

describe.each(IMAGES)('with the shell of $image, a password of quotes and backslashes', ({ shell }) => {
  it.for([
    { overlay: 'statefulset', user: 'default', secrets: { 'user-default': OLD } },
    {
      overlay: 'production',
      user: 'replication',
      secrets: { 'user-replication': OLD, 'user-probe': `${OLD} probe`, 'user-admin': `${OLD} admin` }
    }
  ])('lets in to redis, and to its primary ($overlay)', ({ overlay, user, secrets }, context) => {
    needsScriptPod(context)
    const { output } = runInPod({
      set: 'redis',
      shell,
      overlay,
      // Certificates are no part of this.
      without: ['redis-tls.conf', 'tls.env'],
      secrets: { ...secrets, 'sentinel-password': `${OLD}\n` },
      env: { NEW, REPLICATION: user },
      script: REDIS
    })
    expect(output.trim().split('\n')).toEqual([
      'masterauth: same',
      'OK',
      'OK',
      'the next masterauth: same',
      'with the next password: PONG'
    ])
  })

  it('lets in to a sentinel, and the sentinel to redis, at each start', (context) => {
    needsScriptPod(context)
    const { output } = runInPod({
      set: 'sentinel',
      shell,
      overlay: 'statefulset',
      secrets: { 'user-default': OLD, 'sentinel-password': `${OLD} of the sentinels\n` },
      env: { NEW },
      script: SENTINEL
    })
    expect(output.trim().split('\n')).toEqual([
      'OK',
      'the first start: it sees the primary',
      'OK',
      'the second start: it sees the primary',
      // Whether a user of redis is accepted is not the sentinels' business: three steps, not four.
      ...['OK', 'OK', 'OK'],
      'with the next password: PONG'
    ])
  })
})
