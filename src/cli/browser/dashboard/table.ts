import { element, settle } from './dom.js'

export interface Cell {
  readonly text: string
  readonly className?: string
}

/** A table with a row for each name in its first column. A row is the same element for as long as its name is there. */
export class Table {
  readonly #body = element('tbody')
  readonly #rows = new Map<string, HTMLTableRowElement>()

  constructor(table: HTMLElement, heads: readonly string[]) {
    const head = heads.map((text) => element('th', { scope: 'col' }, text))
    table.replaceChildren(element('thead', {}, element('tr', {}, ...head)), this.#body)
  }

  show(rows: readonly (readonly Cell[])[]): void {
    const names = rows.map(([first]) => first?.text ?? '')
    for (const [name, row] of this.#rows) {
      if (names.includes(name)) continue
      row.remove()
      this.#rows.delete(name)
    }
    rows.forEach((cells, index) => {
      const row = this.#row(names[index] ?? '')
      settle(row, cells.map(cellElement))
      const there = this.#body.children[index]
      if (there !== row) this.#body.insertBefore(row, there ?? null)
    })
  }

  #row(name: string): HTMLTableRowElement {
    const known = this.#rows.get(name)
    if (known !== undefined) return known
    const row = element('tr')
    this.#rows.set(name, row)
    return row
  }
}

function cellElement({ text, className = '' }: Cell, column: number): HTMLElement {
  return column === 0 ? element('th', { scope: 'row' }, text) : element('td', { class: className }, text)
}
