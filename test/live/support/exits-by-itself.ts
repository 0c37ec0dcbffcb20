import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions, Topology } from 'ioredis-sentinel'

// A program that ends a client in one of its states, and says when: the process must then end by itself.

const [state, optionsText] = process.argv.slice(2)
const options = JSON.parse(optionsText ?? '{}') as SentinelRedisOptions

process.on('unhandledRejection', (reason) => {
  console.error('unhandledRejection', reason)
  process.exitCode = 3
})

const client = new SentinelRedis(options)
const closed = async (): Promise<void> => {
  console.log(`ended ${Date.now()}`)
}

switch (state) {
  case 'set-get-close':
    await client.set('script', 'done')
    console.log(await client.get('script'))
    await client.close()
    await closed()
    break
  case 'never-connected':
    await client.close()
    await closed()
    break
  case 'quit':
    await client.ping()
    console.log(await client.quit())
    await closed()
    break
  case 'disconnect':
    await client.ping()
    client.disconnect()
    await closed()
    break
  case 'connecting': {
    const answers = Promise.allSettled([client.set('a', 'b'), client.get('a'), client.connect()])
    const refused = ({ sentinels }: Topology): void => {
      if (sentinels.every(({ error }) => error === undefined)) return
      client.off('topology', refused)
      client.close().then(closed, console.error)
    }
    client.on('topology', refused)
    const results = await answers
    console.log(results.map((result) => result.status).join(' '))
    break
  }
  default:
    throw new Error(`no such state: ${String(state)}`)
}
