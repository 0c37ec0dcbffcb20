import type { ClientNumbers, GroupView } from '../../dashboard/messages.js'
import { byId, element, setText, settle } from './dom.js'
import type { Link } from './view/hearing.js'
import { count, duration } from './view/words.js'

/** The group's name and how it is. */
export function showHead(group: GroupView): void {
  setText(byId('name'), group.name)
  const phase = byId('phase')
  phase.className = `phase ${group.phase}`
  setText(phase, group.phaseText)
  settle(byId('facts'), [
    fact('epoch', count(group.epoch)),
    fact('quorum', `${count(group.quorum)} of ${group.sentinels.length}`),
    fact('down after', duration(group.downAfterMs))
  ])
}

/** What the tab says, also while it is hidden. */
export function showTitle(group: GroupView): void {
  const title = `${group.phaseText} · ${group.name} · ioredis-sentinel`
  if (document.title !== title) document.title = title
}

/** What the tool's own client counts. */
export function showClient(client: ClientNumbers): void {
  const { holdReasons, held, unknown, failed } = client
  settle(byId('own'), [
    fact('connection', client.status),
    fact('calls waiting', count(held), held > 0),
    fact('they wait for', holdReasons.length === 0 ? '–' : holdReasons.join(', '), holdReasons.length > 0),
    fact('in flight', count(client.inFlight)),
    fact('have waited', count(client.heldTotal)),
    fact('sent again', count(client.retried)),
    fact('asked twice', count(client.hedged)),
    fact('unknown outcome', count(unknown), unknown > 0),
    fact('reads on replicas', count(client.readsOnReplicas)),
    ...(client.load === 0
      ? []
      : [
          fact('written', count(client.written)),
          fact('read', count(client.read)),
          fact('failed', count(failed), failed > 0)
        ])
  ])
}

const LINK: Readonly<Record<Link, string>> = {
  live: 'live',
  lost: 'the tool does not answer; trying again',
  refused: 'the tool was started anew, with another address: open the one that it says now'
}

/** Whether the page hears the tool; if not, all of it has a hatched edge, and is grey but for what is told apart by colour: it is how things were. */
export function showLink(state: Link): void {
  const isHeard = state === 'live'
  const link = byId('link')
  link.className = isHeard ? 'link' : 'link lost'
  setText(link, LINK[state])
  document.body.classList.toggle('unheard', !isHeard)
  if (!isHeard) document.title = 'not heard · ioredis-sentinel'
}

function fact(name: string, value: string, alert = false): HTMLElement {
  return element('div', { class: alert ? 'alert' : '' }, element('dt', {}, name), element('dd', {}, value))
}
