import { Redis } from 'ioredis'
import {
  type FakeGroup,
  type FakeSentinel,
  type LocalTopology,
  startFakeSentinel,
  startTopology
} from 'ioredis-sentinel/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const open: Redis[] = []

function connect(address: { readonly host: string; readonly port: number }, protocol: 2 | 3, options = {}): Redis {
  const redis = new Redis({ ...address, protocol, maxRetriesPerRequest: 0, retryStrategy: () => null, ...options })
  redis.on('error', () => undefined)
  open.push(redis)
  return redis
}

afterEach(() => {
  for (const redis of open.splice(0)) redis.disconnect()
})

describe.each([2, 3] as const)('beside a real sentinel, in RESP%i', (protocol) => {
  let topology: LocalTopology
  let fake: FakeSentinel
  let real: Redis
  let faked: Redis

  beforeAll(async () => {
    topology = await startTopology({ replicas: 1, sentinels: 2 })
    const [sentinel] = topology.sentinels
    const report = await sentinel?.report('mymaster')
    if (report === undefined || sentinel === undefined) throw new Error('two sentinels were asked for')
    const group: FakeGroup = {
      primary: report.primary,
      replicas: report.replicas.map(({ address }) => ({ address })),
      sentinels: report.sentinels.map(({ address }) => ({ address })),
      downAfterMs: 1000,
      failoverTimeoutMs: 10_000
    }
    fake = await startFakeSentinel({ groups: { mymaster: group } })
  })

  beforeEach(() => {
    real = connect(topology.sentinels[0]?.address ?? fake.address, protocol)
    faked = connect(fake.address, protocol)
  })

  afterAll(async () => {
    await fake.close()
    await topology.stop()
  })

  /** The reply without what differs from sentinel to sentinel: run ids, and times since something. */
  function shape(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(shape)
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]))
    }
    if (typeof value !== 'string') return value
    if (/^[0-9a-f]{40}$/.test(value)) return '<id>'
    return /^\d{1,4}$/.test(value) || /^\d{6,}$/.test(value) ? '<number>' : value
  }

  test.each([
    ['SENTINEL', 'MYID'],
    ['SENTINEL', 'MASTERS'],
    ['SENTINEL', 'MASTER', 'mymaster'],
    ['SENTINEL', 'REPLICAS', 'mymaster'],
    ['SENTINEL', 'SENTINELS', 'mymaster'],
    ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'],
    ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'nobody'],
    ['SENTINEL', 'MASTER', 'nobody'],
    ['SENTINEL', 'REPLICAS', 'nobody'],
    ['SENTINEL', 'SENTINELS', 'nobody'],
    ['SENTINEL', 'CKQUORUM', 'mymaster'],
    ['SENTINEL', 'CKQUORUM', 'nobody'],
    ['SENTINEL', 'NOSUCH'],
    ['PING'],
    ['ROLE'],
    ['GET', 'x']
  ])('%s %s %s has the same shape', async (command, ...args) => {
    const replies = await Promise.all(
      [real, faked].map((redis) => redis.call(command, ...args).catch((error: unknown) => `error: ${String(error)}`))
    )
    expect(shape(replies[1])).toEqual(shape(replies[0]))
  })

  test('INFO has the same words for groups and TILT', async () => {
    const words = async (redis: Redis): Promise<string[]> =>
      (await redis.info('sentinel'))
        .split('\r\n')
        .filter((line) => /^(sentinel_masters|sentinel_tilt|master0):/.test(line))
    expect(await words(faked)).toHaveLength(3)
    expect(await words(faked)).toEqual(await words(real))
  })

  test('subscriptions are told the same way', async () => {
    for (const redis of [real, faked]) {
      expect(await redis.subscribe('+switch-master', '+odown')).toBe(2)
      expect(await redis.psubscribe('-*')).toBe(3)
      expect(await redis.unsubscribe('+odown')).toBe(2)
      expect(await redis.punsubscribe('-*')).toBe(1)
    }
  })
})

describe('the script', () => {
  let fake: FakeSentinel

  beforeEach(async () => {
    fake = await startFakeSentinel({ groups: { a: { primary: { host: '10.0.0.1', port: 6379 } } } })
  })

  afterEach(() => fake.close())

  test('answers from the state of the moment, and notes what it was asked', async () => {
    const redis = connect(fake.address, 3)
    expect(await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'a')).toEqual(['10.0.0.1', '6379'])
    fake.state.groups['a'] = {
      primary: { host: '10.0.0.2', port: 6380 },
      judged: { host: '10.0.0.1', port: 6379 },
      configEpoch: 7,
      fields: { 'failover-state': 'reconf_slaves' }
    }
    expect(await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'a')).toEqual(['10.0.0.2', '6380'])
    const flat = JSON.stringify(await redis.call('SENTINEL', 'MASTER', 'a'))
    for (const word of ['"10.0.0.1"', '"7"', '"reconf_slaves"']) expect(flat).toContain(word)
    expect(fake.received.filter(([command]) => command?.toUpperCase() === 'SENTINEL')).toHaveLength(3)
    fake.state.groups = {}
    expect(await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'a')).toBeNull()
  })

  test.each([2, 3] as const)(
    'publishes to names and patterns in RESP%i, on the connection that also asks in RESP3',
    async (protocol) => {
      const redis = connect(fake.address, protocol)
      const heard: string[] = []
      redis.on('message', (channel: string, message: string) => heard.push(`${channel} ${message}`))
      redis.on('pmessage', (pattern: string, channel: string, message: string) =>
        heard.push(`${pattern} ${channel} ${message}`)
      )
      await redis.subscribe('+switch-master')
      await redis.psubscribe('*')
      expect([fake.subscribers('+switch-master'), fake.subscribers('+odown')]).toEqual([1, 1])
      if (protocol === 3) expect(await redis.call('SENTINEL', 'MYID')).toBe(fake.state.id)
      fake.publish('+switch-master', 'a 10.0.0.1 6379 10.0.0.2 6379')
      fake.publish('+odown', 'x')
      await expect
        .poll(() => heard)
        .toEqual([
          '+switch-master a 10.0.0.1 6379 10.0.0.2 6379',
          '* +switch-master a 10.0.0.1 6379 10.0.0.2 6379',
          '* +odown x'
        ])
    }
  )

  test('refuse, hang, disconnectAll and recover', async () => {
    const redis = connect(fake.address, 3, { retryStrategy: () => 20, maxRetriesPerRequest: null })
    await redis.ping()
    expect(fake.connections).toBe(1)

    fake.hang()
    let answered = false
    const silent = redis.call('SENTINEL', 'MYID').then(() => (answered = true))
    const second = connect(fake.address, 3, { connectTimeout: 100, lazyConnect: true, commandTimeout: 100 })
    await expect(second.connect().then(() => second.ping())).rejects.toThrow()
    expect(answered).toBe(false)

    fake.refuse()
    fake.disconnectAll()
    const refused = connect(fake.address, 3, { lazyConnect: true })
    const reason = new Promise<Error>((resolve) => refused.once('error', resolve))
    await expect(refused.connect()).rejects.toThrow()
    expect(await reason).toMatchObject({ code: 'ECONNREFUSED' })
    expect(fake.connections).toBe(0)

    await fake.recover()
    await silent
    expect(fake.connections).toBe(1)
  })

  test('wants its password, by HELLO or AUTH, and says so as a server does', async () => {
    fake.state.password = 'secret'
    expect(await connect(fake.address, 3, { password: 'secret' }).ping()).toBe('PONG')
    expect(await connect(fake.address, 2, { password: 'secret' }).ping()).toBe('PONG')
    const bare = connect(fake.address, 2, { enableReadyCheck: false })
    await expect(bare.call('SENTINEL', 'MYID')).rejects.toThrow('NOAUTH')
    await expect(bare.call('AUTH', 'wrong')).rejects.toThrow('WRONGPASS')
    await expect(bare.call('AUTH', 'secret')).resolves.toBe('OK')
  })

  test('delays its answers, and lets a test put its own in their place', async () => {
    await using scripted = await startFakeSentinel({
      delayMs: 60,
      intercept: (args) => (args[1] === 'MYID' ? { error: 'ERR scripted' } : undefined)
    })
    const redis = connect(scripted.address, 2, { enableReadyCheck: false, disableClientInfo: true })
    const from = performance.now()
    await expect(redis.call('SENTINEL', 'MYID')).rejects.toThrow('ERR scripted')
    expect(performance.now() - from).toBeGreaterThanOrEqual(59)
  })
})
