import { CLIENTS, type ClientName, type Trouble } from './catalogue.js'
import { figure } from './figures.js'
import type { Report } from './report.js'
import type { Cell } from './statistics.js'

export interface Rows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Fault by client: promotion to first ack, of those that promote. */
export function firstAckRows({ cells, settings }: Report): Rows {
  const faults = settings.faults.filter((fault) =>
    cells.some((cell) => cell.fault === fault && cell.promotionMs !== undefined)
  )
  return {
    head: ['fault', ...settings.clients.map((name) => CLIENTS[name].label)],
    rows: faults.map((fault) => [
      fault,
      ...settings.clients.map((client) => {
        const cell = cellOf(cells, fault, client)
        return cell === undefined ? '–' : figure(cell, 'afterPromotionMs', settings)
      })
    ])
  }
}

export function cellOf(cells: readonly Cell[], fault: Trouble, client: ClientName): Cell | undefined {
  return cells.find((cell) => cell.fault === fault && cell.client === client)
}
