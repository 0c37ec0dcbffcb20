import type { ClientNumbers, GroupView } from '../../dashboard/messages.js'
import { byId, element, setText } from './dom.js'
import { count, duration } from './view/words.js'

/** The group's name and how it is. */
export function showHead(group: GroupView): void {
  setText(byId('name'), group.name)
  const phase = byId('phase')
  phase.className = `phase ${group.phase}`
  setText(phase, group.phaseText)
  document.title = `${group.phaseText} · ${group.name} · ioredis-sentinel`
  byId('facts').replaceChildren(
    fact('epoch', count(group.epoch)),
    fact('quorum', `${count(group.quorum)} of ${group.sentinels.length}`),
    fact('down after', duration(group.downAfterMs))
  )
}

/** What the tool's own client counts. */
export function showClient(client: ClientNumbers): void {
  const { holdReasons, held, unknown, failed } = client
  byId('own').replaceChildren(
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
  )
}

const LINK = {
  live: 'live',
  lost: 'the tool does not answer; trying again',
  refused: 'the tool was started anew, with another address: open the one that it says now'
}

/** Whether the page hears the tool. `refused`: the browser does not try again. */
export function showLink(state: keyof typeof LINK): void {
  const link = byId('link')
  link.className = state === 'live' ? 'link' : 'link lost'
  setText(link, LINK[state])
}

function fact(name: string, value: string, alert = false): HTMLElement {
  return element('div', { class: alert ? 'alert' : '' }, element('dt', {}, name), element('dd', {}, value))
}
