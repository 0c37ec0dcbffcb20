// Run by own-hosts.ts, where there is no such name. Prints one JSON line, if it gets so far.
import { SentinelRedis } from 'ioredis-sentinel'

const client = new SentinelRedis({ name: 'mymaster', sentinels: ['no-such-name.test:26379'], deadlineMs: 12_000 })
const outcome = await client.get('key').catch((error: unknown) => error)
console.log(JSON.stringify({ code: outcome instanceof Error && 'code' in outcome ? outcome.code : outcome }))
client.disconnect()
