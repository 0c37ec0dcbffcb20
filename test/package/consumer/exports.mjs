// Run where the packed tarball is installed: prints which names each entry exports, by import and by require.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const namesOf = (entry) =>
  Object.keys(entry)
    .filter((name) => name !== '__esModule')
    .sort()
const entries = {}
for (const entry of [
  'ioredis-sentinel',
  'ioredis-sentinel/testkit',
  'ioredis-sentinel/prometheus',
  'ioredis-sentinel/opentelemetry'
]) {
  entries[entry] = { esm: namesOf(await import(entry)), cjs: namesOf(require(entry)) }
}
console.log(JSON.stringify(entries))
