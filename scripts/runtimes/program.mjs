// Run by Node, Bun or Deno where the packed library is installed, with the client's options as JSON: works with a group through a
// failover, and prints a line of JSON for each step. It says `{"ready":true}` when the primary may be broken, and ends by itself.
import { SentinelRedis } from 'ioredis-sentinel'

const redis = new SentinelRedis(JSON.parse(process.argv[2]))
/** What each step does; it throws, or returns what is to be told. */
const steps = [
  [
    'writes, and reads from a replica',
    async () => {
      await redis.set('greeting', 'hello')
      await redis.wait(1, 5_000)
      await until(async () => {
        equal(await redis.get('greeting'), 'hello')
        return redis.stats().readsOnReplicas > 0
      })
    }
  ],
  [
    'values of 1 MiB, both ways',
    async () => {
      const value = Buffer.alloc(1 << 20, 'redis')
      await redis.set('large', value)
      equal((await redis.getBuffer('large')).equals(value), true)
    }
  ],
  [
    '1000 calls at once, a pipeline and a MULTI',
    async () => {
      const replies = await Promise.all(Array.from({ length: 1_000 }, (_, n) => redis.call('ECHO', String(n))))
      equal(replies.join(), Array.from({ length: 1_000 }, (_, n) => n).join())
      equal(JSON.stringify(await redis.pipeline().incr('a').incr('a').exec()), '[[null,1],[null,2]]')
      equal(JSON.stringify(await redis.multi().incr('a').get('a').exec()), '[[null,3],[null,"3"]]')
    }
  ],
  [
    'pub/sub and a blocking pop on a connection of its own',
    async () => {
      const other = redis.duplicate()
      const heard = new Promise((resolve) => other.once('message', (_, message) => resolve(message)))
      await other.subscribe('news')
      await redis.publish('news', 'hello')
      equal(await heard, 'hello')
      await other.unsubscribe('news')
      const popped = other.blpop('queue', 10)
      await redis.rpush('queue', 'job')
      equal((await popped).join(), 'queue,job')
      await other.close()
    }
  ],
  [
    'a failover',
    async () => {
      const acked = []
      const outcomes = { acked: 0, unknown: 0 }
      let over
      redis.once('failover', ({ outcome, held }) => (over = { outcome, held, acked: acked.length }))
      const calls = []
      console.log(JSON.stringify({ ready: true }))
      for (let n = 0; over === undefined || acked.length < over.acked + 50; n += 1) {
        const call = redis.rpush('list', n).then(
          () => (acked.push(n), (outcomes.acked += 1)),
          ({ code }) => {
            if (code !== 'UNKNOWN_OUTCOME') throw new Error(`a write ended in ${code}`)
            outcomes.unknown += 1
          }
        )
        calls.push(call)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await Promise.all(calls)
      const kept = await redis.with({ readFrom: 'primary' }).lrange('list', 0, -1)
      equal(new Set(kept).size, kept.length)
      const after = acked.slice(over.acked)
      equal(after.filter((n) => !kept.includes(String(n))).length, 0)
      equal(kept.join(), kept.toSorted((a, b) => a - b).join())
      return `${over.outcome}: ${outcomes.acked} writes acknowledged, ${outcomes.unknown} of unknown outcome, ${over.held} waited`
    }
  ],
  ['closes', () => redis.close()]
]

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
}

async function until(check) {
  const deadline = Date.now() + 10_000
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('it did not come so far within 10 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

for (const [step, act] of steps) {
  try {
    console.log(JSON.stringify({ step, ok: true, told: (await act()) ?? '' }))
  } catch (error) {
    console.log(JSON.stringify({ step, ok: false, told: String(error) }))
    process.exitCode = 1
    redis.disconnect()
    break
  }
}
