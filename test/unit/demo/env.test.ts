import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadSettings, type Environment } from '../../../examples/lib/env.js'

const folder = mkdtempSync(join(tmpdir(), 'env-test-'))
const secret = join(folder, 'password')
writeFileSync(secret, 'from file\n')
afterAll(() => rmSync(folder, { recursive: true }))

const enough = { REDIS_SENTINELS: 'a:1, b', REDIS_NAME: 'mymaster' }
const load = (env: Environment) => loadSettings(env, 'host-1')
const problemsOf = (env: Environment): readonly string[] => {
  const loaded = load(env)
  return loaded.ok ? [] : loaded.problems
}

describe('loadSettings', () => {
  it('needs the sentinels and the name only', () => {
    expect(load(enough)).toEqual({
      ok: true,
      settings: {
        connection: { name: 'mymaster', sentinels: ['a:1', 'b'] },
        rate: 200,
        heartbeatRate: 50,
        key: 'ioredis-sentinel:example',
        writerId: 'host-1',
        keep: 1_000_000,
        httpHost: '0.0.0.0',
        httpPort: 8080,
        logLevel: 'info',
        graceMs: 25_000,
        stallMs: 10_000,
        report: 'none'
      }
    })
  })

  it('takes a URL instead', () => {
    const url = 'redis+sentinel://a:1,b:2/mymaster'
    expect(load({ REDIS_URL: url })).toMatchObject({ ok: true, settings: { connection: { url } } })
  })

  it('takes credentials, from files too, without the line end', () => {
    const env = { ...enough, REDIS_USERNAME: 'u', REDIS_PASSWORD_FILE: secret, REDIS_SENTINEL_PASSWORD: ' s ' }
    expect(load(env)).toMatchObject({
      settings: { connection: { username: 'u', password: 'from file', sentinelPassword: ' s ' } }
    })
  })

  it('takes a variable that is set to nothing for one that is not set', () => {
    expect(load({ ...enough, RATE: '', REDIS_PASSWORD: '', REDIS_URL: '' })).toMatchObject({ ok: true })
  })

  it.each([
    [{ REDIS_NAME: 'x' }, /^REDIS_SENTINELS is not set: give host:port,host:port/],
    [{ REDIS_SENTINELS: 'a:1' }, /^REDIS_NAME is not set/],
    [{ ...enough, REDIS_URL: 'redis+sentinel://a/b' }, /^REDIS_URL is set beside/],
    [{ ...enough, REDIS_SENTINELS: 'a:1,b:99999' }, /^REDIS_SENTINELS has "b:99999": .*1 to 65535/],
    [{ ...enough, REDIS_SENTINELS: '::1' }, /^REDIS_SENTINELS has "::1": .*\[::1\]:26379/],
    [{ ...enough, REDIS_SENTINELS: ' , ' }, /^REDIS_SENTINELS is ","/],
    [{ ...enough, RATE: 'fast' }, /^RATE is "fast": give a number from 0.1 to 100000/],
    [{ ...enough, RATE: '0' }, /^RATE is "0"/],
    [{ ...enough, HTTP_PORT: '1.5' }, /^HTTP_PORT is "1.5": give a whole number from 0 to 65535/],
    [{ ...enough, HEARTBEAT_RATE: '-1' }, /^HEARTBEAT_RATE/],
    [{ ...enough, KEEP: 'x' }, /^KEEP/],
    [{ ...enough, GRACE_MS: 'x' }, /^GRACE_MS/],
    [{ ...enough, STALL_MS: '1' }, /^STALL_MS/],
    [{ ...enough, LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud": give one of trace, debug/],
    [{ ...enough, REPORT: 'x' }, /^REPORT/],
    [{ ...enough, REDIS_PASSWORD_FILE: '/nonexistent/x' }, /^REDIS_PASSWORD_FILE names "\/nonexistent\/x".*ENOENT/],
    [
      { ...enough, REDIS_PASSWORD: 'a', REDIS_PASSWORD_FILE: secret },
      /^REDIS_PASSWORD and REDIS_PASSWORD_FILE are both/
    ]
  ] satisfies [Environment, RegExp][])('says what is wrong with %j', (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)])
  })

  it('tells all problems at once', () => {
    expect(problemsOf({ RATE: 'x', LOG_LEVEL: 'y' })).toHaveLength(4)
  })
})
