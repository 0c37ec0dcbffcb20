// Run where the packed tarball is installed: the ESM and the CJS build are two copies of every error class in one process.
import { createRequire } from 'node:module'
import * as esm from 'ioredis-sentinel'

const cjs = createRequire(import.meta.url)('ioredis-sentinel')
const fromCjs = new cjs.ConfigurationError('made by the CJS copy')
const fromEsm = new esm.ConfigurationError('made by the ESM copy')

console.log(
  JSON.stringify({
    sameClass: esm.ConfigurationError === cjs.ConfigurationError,
    cjsInEsm: [fromCjs instanceof esm.ConfigurationError, fromCjs instanceof esm.SentinelError],
    esmInCjs: [fromEsm instanceof cjs.ConfigurationError, fromEsm instanceof cjs.SentinelError],
    otherClass: [fromCjs instanceof esm.DeadlineError, fromEsm instanceof cjs.DeadlineError]
  })
)
