import Table from 'cli-table3'

/** A table without lines; columns stand on the left unless `aligns` says otherwise. */
export function plainTable(head: readonly string[], aligns: readonly ('left' | 'right')[] = []): Table.Table {
  return new Table({
    head: [...head],
    colAligns: [...aligns],
    style: { head: [], border: [], compact: true },
    chars: {
      ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
      ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
      ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' }
    }
  })
}

/** As text: what cells of the last column are padded with would be wrapped on a narrow terminal. */
export function tableText(table: Table.Table): string {
  return table.toString().replaceAll(/ +$/gm, '')
}
