import { expect, it } from 'vitest'
import { callsIn } from '../../../bench/failover/command-calls.js'

const INFO = [
  '# Commandstats',
  'cmdstat_getrange:calls=3,usec=9,usec_per_call=3.00,rejected_calls=0,failed_calls=0',
  'cmdstat_get:calls=12,usec=20,usec_per_call=1.67,rejected_calls=0,failed_calls=0',
  'cmdstat_config|get:calls=7,usec=5,usec_per_call=0.71,rejected_calls=0,failed_calls=0',
  ''
].join('\r\n')

it('reads how often a command was executed, and takes none for another', () => {
  expect(['get', 'getrange', 'mget'].map((command) => callsIn(INFO, command))).toEqual([12, 3, 0])
})
