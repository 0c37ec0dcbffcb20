import type { SimNode } from './node.js'
import type { SimSentinel } from './sentinel.js'

export interface Hello {
  readonly from: SimSentinel
  readonly id: string
  readonly currentEpoch: number
  readonly configEpoch: number
  readonly primary: SimNode
  readonly generation: number
}

/** What another sentinel published through a node: sentinelProcessHelloMessage(). */
export function processHello(self: SimSentinel, hello: Hello): void {
  if (hello.generation !== self.generation && hello.id !== hello.from.id) return
  const known = self.peers.find(({ sentinel }) => sentinel === hello.from)
  if (known?.id !== hello.id) {
    self.peers = [...self.peers.filter((one) => one !== known), { ...self.peer(hello.from), id: hello.id }]
    const { host, port } = hello.from.address
    const { address } = self.primary.node
    self.publish(
      '+sentinel',
      `sentinel ${hello.id} ${host} ${port} @ ${self.world.group} ${address.host} ${address.port}`
    )
  }
  raiseEpoch(self, hello.currentEpoch)
  if (hello.configEpoch <= self.configEpoch) return
  self.configEpoch = hello.configEpoch
  if (hello.primary === self.primary.node) return
  self.publishAbout('+config-update-from', self.primary)
  self.changePrimary(hello.primary)
}

/** Asks the others whether they hold the primary to be down, and for their vote: sentinelAskMasterStateToOtherSentinels(). */
export function believeDown(self: SimSentinel, forced: boolean): void {
  const { network, settings } = self.world
  const { now } = self.world.clock
  for (const peer of self.peers) {
    if (now - peer.toldAt > 5 * settings.askMs) {
      peer.holdsDown = false
      peer.vote = undefined
    }
    if (self.primary.downSince === undefined) continue
    if (!forced && now - peer.askedAt < settings.askMs) continue
    peer.askedAt = now
    const about = self.primary.node
    const candidate = self.inFailover ? self.id : undefined
    const { currentEpoch } = self
    network.datagram(self.host, peer.sentinel, () => {
      const answer = peer.sentinel.asked(about, currentEpoch, candidate)
      network.datagram(peer.sentinel.host, self, () => {
        peer.toldAt = self.world.clock.now
        peer.holdsDown = answer.down
        if (answer.vote !== undefined) peer.vote = answer.vote
      })
    })
  }
}

export interface VoteAnswer {
  readonly down: boolean
  readonly vote: { readonly id: string; readonly epoch: number } | undefined
}

export function answerVote(
  self: SimSentinel,
  about: SimNode,
  epoch: number,
  candidate: string | undefined
): VoteAnswer {
  const watched = about === self.primary.node
  const down = !self.tilt && watched && self.primary.downSince !== undefined
  if (candidate === undefined || !watched) return { down, vote: undefined }
  voteFor(self, epoch, candidate)
  return { down, vote: self.leader }
}

/** sentinelVoteLeader(). */
export function voteFor(self: SimSentinel, epoch: number, candidate: string): void {
  raiseEpoch(self, epoch)
  if ((self.leader?.epoch ?? -1) >= epoch || self.currentEpoch > epoch) return
  self.leader = { id: candidate, epoch: self.currentEpoch }
  self.publish('+vote-for-leader', `${candidate} ${epoch}`)
  if (candidate !== self.id)
    self.failoverStartAt = self.world.clock.now + self.world.random.between(0, self.world.settings.desyncMs)
}

function raiseEpoch(self: SimSentinel, epoch: number): void {
  if (epoch <= self.currentEpoch) return
  self.currentEpoch = epoch
  self.publish('+new-epoch', String(epoch))
}
