import { describe, expect, it } from 'vitest'
import { CachingZone } from '../../kubernetes/harness/dns/caching-zone.js'
import { KUBEADM_TIMES } from '../../kubernetes/harness/dns/records.js'

const POD = 'redis-0.redis-headless.redis.svc.cluster.local'
const at = (seconds: number): number => seconds * 1000

describe('the DNS of the cluster of processes', () => {
  it('keeps an old address for 30 s after the pod has another one, with the time that is left', () => {
    const zone = new CachingZone(KUBEADM_TIMES)
    zone.setRecords([{ name: POD, addresses: ['10.244.1.1'] }])
    expect(zone.answer(POD, 'A', at(0))).toEqual({ kind: 'found', addresses: ['10.244.1.1'], ttlSeconds: 30 })
    zone.setRecords([{ name: POD, addresses: ['10.244.1.2'] }])
    expect(zone.answer(POD, 'A', at(29))).toEqual({ kind: 'found', addresses: ['10.244.1.1'], ttlSeconds: 1 })
    expect(zone.answer(POD, 'A', at(30))).toMatchObject({ addresses: ['10.244.1.2'] })
  })

  it('keeps for 30 s that there is no such name, from the first question on', () => {
    const zone = new CachingZone(KUBEADM_TIMES)
    expect(zone.answer(POD, 'A', at(0))).toEqual({ kind: 'absent', ttlSeconds: 30 })
    zone.setRecords([{ name: POD, addresses: ['10.244.1.1'] }])
    expect(zone.answer(POD, 'A', at(29.9))).toMatchObject({ kind: 'absent' })
    expect(zone.answer(POD, 'A', at(30))).toMatchObject({ kind: 'found' })
  })

  it('answers at once what nobody has asked before', () => {
    const zone = new CachingZone(KUBEADM_TIMES)
    zone.answer('other.redis.svc.cluster.local', 'A', at(0))
    zone.setRecords([{ name: POD, addresses: ['10.244.1.1'] }])
    expect(zone.answer(POD.toUpperCase(), 'A', at(1))).toMatchObject({ addresses: ['10.244.1.1'] })
  })

  it('knows a name of another kind of address without one', () => {
    const zone = new CachingZone(KUBEADM_TIMES)
    zone.setRecords([{ name: POD, addresses: ['10.244.1.1'] }])
    expect(zone.answer(POD, 'AAAA', at(0))).toEqual({ kind: 'found', addresses: [], ttlSeconds: 30 })
  })
})
