// The writer in its pod: writes an id every few milliseconds through the client, says how many were acknowledged, and at the
// end of its standard input reads all ids back from the primary.
import { SentinelRedis } from 'ioredis-sentinel'
import { Ledger } from 'ioredis-sentinel/testkit'
import { readFileSync } from 'node:fs'
import { preciseNow } from '../../../../src/time-origin.js'
import { toWriterReport, type WriterLine } from './writer-report.js'

const LIST = `ledger-${process.env['HOSTNAME'] ?? ''}`
const {
  SEEDS = '',
  GROUP = 'mymaster',
  EVERY_MS = '2',
  REDIS_USER,
  REDIS_PASSWORD,
  SENTINEL_PASSWORD,
  CA_FILE
} = process.env
const READ_LIMIT_MS = 120_000

const say = (line: WriterLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function connect(deadlineMs?: number): SentinelRedis {
  const query = SENTINEL_PASSWORD === undefined ? '' : `?sentinelPassword=${encodeURIComponent(SENTINEL_PASSWORD)}`
  const [user, password] = [REDIS_USER ?? '', REDIS_PASSWORD ?? ''].map(encodeURIComponent)
  const tls = CA_FILE === undefined ? undefined : { ca: readFileSync(CA_FILE) }
  const scheme = tls === undefined ? 'redis+sentinel' : 'rediss+sentinel'
  return new SentinelRedis(`${scheme}://${user ?? ''}:${password ?? ''}@${SEEDS}/${GROUP}${query}`, {
    readFrom: 'primary',
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(tls === undefined ? {} : { tls, sentinelTls: tls })
  })
}

const redis = connect()
redis.on('error', (error: Error) => {
  say({ problem: error.message })
})
/** What it takes until the first call is answered is the start of a client, and no time without writes. */
async function untilAnswered(): Promise<void> {
  const answered = await redis.ping().catch(() => undefined)
  if (answered === undefined) await untilAnswered()
}

await untilAnswered()
let acked = 0
const ledger = new Ledger({
  write: (id) => redis.rpush(LIST, id),
  everyMs: Number(EVERY_MS),
  onSettled: ({ outcome }) => {
    if (outcome === 'acked') acked += 1
  }
})
const progress = setInterval(() => {
  say({ acked })
}, 250)

process.stdin.resume()
await new Promise((resolve) => process.stdin.once('end', resolve))
clearInterval(progress)
console.error(`no more writes; ${ledger.outstanding} are not settled`)
await ledger.stop()
const endedAt = preciseNow()
redis.disconnect()
const reader = connect(READ_LIMIT_MS)
console.error('reading back')
const ids = await reader.lrange(LIST, 0, -1)
say({ report: toWriterReport(ledger.compare(ids), ledger.entries, endedAt) })
reader.disconnect()
