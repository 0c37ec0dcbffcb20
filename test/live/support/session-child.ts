import { SentinelRedis } from 'ioredis-sentinel'

// Reads a key with a token from another process, many times, once replicas could answer; prints all values that it saw.

const [, , url = '', session = '', key = ''] = process.argv
const client = new SentinelRedis(url)
while (client.stats().replicas.filter(({ usable }) => usable).length < 2) await client.ping()
const seen = new Set<string | null>()
for (let again = 0; again < 50; again += 1) seen.add(await client.with({ session }).get(key))
console.log([...seen].join(', '))
await client.close()
