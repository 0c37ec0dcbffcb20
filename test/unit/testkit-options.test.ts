import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { findBinaries } from '../../src/testkit/binaries.js'
import { nodeConfig, sentinelConfig } from '../../src/testkit/config-files.js'
import { MissingBinaryError } from '../../src/testkit/errors.js'
import { resolveTopologyOptions } from '../../src/testkit/options.js'
import { flowsOf } from '../../src/testkit/partitions.js'

describe('resolveTopologyOptions', () => {
  test('fills in the defaults', () => {
    expect(resolveTopologyOptions({})).toMatchObject({
      replicas: 2,
      sentinels: 3,
      quorum: 2,
      name: 'mymaster',
      downAfterMs: 1000,
      failoverTimeoutMs: 10_000,
      tls: false
    })
    expect(resolveTopologyOptions({ sentinels: 5 }).quorum).toBe(3)
  })

  test.each<[object, string]>([
    [{ replica: 1 }, 'there is no option "replica"; allowed are replicas, sentinels'],
    [{ replicas: -1 }, 'replicas is a whole number from 0 to 50, not -1'],
    [{ sentinels: 1.5 }, 'sentinels is a whole number from 1 to 50, not 1.5'],
    [{ quorum: 4 }, 'quorum is 4, but there are only 3 sentinels'],
    [{ name: 'my master' }, 'name is letters, digits, ".", "-" and "_", not "my master"'],
    [{ downAfterMs: '1000' }, 'downAfterMs is a whole number from 1 to 3600000, not "1000"'],
    [{ tls: 'yes' }, 'tls is true or false, not "yes"'],
    [
      { config: { maxmemory: '1mb\nbind 0.0.0.0' } },
      'config is an object of directive name to value, each on one line'
    ],
    [{ log: 1 }, 'log is a function']
  ])('refuses %j', (options, message) => {
    const resolve = (): unknown => resolveTopologyOptions(options)
    expect(resolve).toThrow(ConfigurationError)
    expect(resolve).toThrow(message)
  })

  test('does not repeat a password in its error', () => {
    expect(() => resolveTopologyOptions({ password: 'two words' })).toThrow(/^(?!.*two words)/)
  })
})

describe('findBinaries', () => {
  test('names the packages and the PATH that was searched', async () => {
    const search = findBinaries({}, '/nowhere:/neither')
    await expect(search).rejects.toBeInstanceOf(MissingBinaryError)
    await expect(search).rejects.toThrow(
      /^No redis-server or valkey-server on PATH \(\/nowhere:\/neither\)[^]*apt-get install redis-server redis-sentinel[^]*apk add redis[^]*dnf install redis[^]*brew install redis/
    )
  })
})

describe('configuration files', () => {
  const options = resolveTopologyOptions({ password: 'p', sentinelPassword: 's', config: { maxmemory: '9mb' } })
  const context = {
    options,
    address: { host: '127.9.9.9', port: 1234 },
    ip: '127.9.9.9',
    directory: '/d',
    sevenOrNewer: true
  }

  test('a node binds, announces and connects from its own address; extra directives come last', () => {
    const text = nodeConfig(context, { host: '127.9.9.8', port: 99 })
    for (const line of [
      'bind 127.9.9.9',
      'bind-source-addr 127.9.9.9',
      'replica-announce-ip 127.9.9.9',
      'replica-announce-port 1234',
      'protected-mode no',
      'appendonly yes',
      'requirepass p',
      'masterauth p',
      'replicaof 127.9.9.8 99'
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    expect(text.trimEnd().split('\n').at(-1)).toBe('maxmemory 9mb')
  })

  test('what Redis 6 does not know is left out', () => {
    expect(nodeConfig({ ...context, sevenOrNewer: false }, undefined)).not.toMatch(
      /bind-source-addr|enable-debug|replicaof/
    )
  })

  test('a sentinel knows the others, and both passwords', () => {
    const text = sentinelConfig(context, 'me', { host: '127.9.9.8', port: 99 }, [
      { id: 'you', address: { host: '127.9.9.7', port: 7 } }
    ])
    for (const line of [
      'sentinel myid me',
      'sentinel monitor mymaster 127.9.9.8 99 2',
      'sentinel auth-pass mymaster p',
      'requirepass s',
      'sentinel sentinel-pass s',
      'sentinel known-sentinel mymaster 127.9.9.7 7 you'
    ]) {
      expect(text.split('\n')).toContain(line)
    }
  })
})

test('a partition from peers drops both directions to each other member, and nothing else', () => {
  const members = ['127.9.9.1', '127.9.9.2', '127.9.9.3'].map((host) => ({ host, port: 1 }))
  expect(flowsOf([{ host: '127.9.9.1', scope: 'peers' }], members)).toEqual([
    { from: '127.9.9.1', to: '127.9.9.2' },
    { from: '127.9.9.2', to: '127.9.9.1' },
    { from: '127.9.9.1', to: '127.9.9.3' },
    { from: '127.9.9.3', to: '127.9.9.1' }
  ])
  expect(flowsOf([{ host: '127.9.9.1', scope: 'everything' }], members)).toEqual([
    { from: '127.9.9.1' },
    { to: '127.9.9.1' }
  ])
  expect(flowsOf([], members)).toEqual([])
})
