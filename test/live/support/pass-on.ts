import type { Socket } from 'node:net'

/** What each of the two says goes to the other, until one of them ends. */
export function passOn(near: Socket, far: Socket): void {
  for (const [from, to] of [[near, far] as const, [far, near] as const]) {
    from.on('error', () => undefined)
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}
