import { describe, it } from 'vitest'
import { aborts } from './topology/aborts.js'
import { distrust } from './topology/distrust.js'
import { doubt } from './topology/doubt.js'
import { epochRule } from './topology/epoch-rule.js'
import { failover } from './topology/failover.js'
import { fence } from './topology/fence.js'
import { opening } from './topology/opening.js'
import { outage } from './topology/outage.js'
import { replicas } from './topology/replicas.js'
import { runCase } from './topology/run-case.js'
import type { SpecCase } from './topology/spec-case.js'
import { start } from './topology/start.js'
import { suspicion } from './topology/suspicion.js'

const FILES: Readonly<Record<string, readonly SpecCase[]>> = {
  start,
  opening,
  failover,
  aborts,
  suspicion,
  'epoch rule': epochRule,
  doubt,
  fence,
  distrust,
  outage,
  replicas
}

for (const [file, cases] of Object.entries(FILES)) {
  describe(file, () => {
    it.each(cases.map((one) => [one.description, one] as const))('%s', (_, one) => {
      runCase(one)
    })
  })
}
