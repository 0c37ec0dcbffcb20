import { expect, test } from 'vitest'
import { accessOf } from '../../src/runtime/access.js'
import { SentinelLink } from '../../src/runtime/sentinel-link.js'

test('asked without a connection it says that, and not in the words of ioredis', async () => {
  const nowhere = { host: '127.0.0.1', port: 1 }
  const access = accessOf({ hop: 'sentinel', credentials: {}, tls: undefined })
  const link = new SentinelLink(
    { announced: nowhere, reached: nowhere },
    { access, timeoutMs: 1_000, family: undefined }
  )
  link.open()
  await expect(link.ask('mymaster')).rejects.toThrow(/^there is no connection to the sentinel$/)
  link.close()
})
