import type { ImportOf, SourceFile } from './source-tree.js'

/** A folder (`runtime/`) or a file (`options.ts`), relative to src/. */
type Room = string

export interface LayerRules {
  /** From top to bottom: a room may import from itself and from those below it. */
  readonly layers: readonly Room[]
  /** Rooms beside the layers: what each may import besides itself. `typesOf` allows type imports alone. */
  readonly beside: Readonly<Record<Room, { readonly from: readonly Room[]; readonly typesOf?: readonly Room[] }>>
}

/** One line for each file that has no room, and for each import that does not go down. */
export function upwardImports(files: readonly SourceFile[], rules: LayerRules): string[] {
  const rooms = [...rules.layers, ...Object.keys(rules.beside)]
  const roomOf = (path: string) => rooms.find((room) => contains(room, path))
  return files.flatMap((file) => {
    const room = roomOf(file.path)
    if (room === undefined) return [`${file.path} belongs to no layer`]
    return file.imports
      .filter(({ target }) => target !== undefined && !contains(room, target) && !isAllowed(room, target, rules))
      .filter((found) => !isAllowedAsType(room, found, rules))
      .map(({ target }) => `${file.path} (${room}) imports ${target ?? ''} (${roomOf(target ?? '') ?? 'no layer'})`)
  })
}

function isAllowed(room: Room, target: string, { layers, beside }: LayerRules): boolean {
  const own = beside[room]
  const below = own === undefined ? layers.slice(layers.indexOf(room) + 1) : own.from
  return below.some((lower) => contains(lower, target))
}

function isAllowedAsType(room: Room, { target, typeOnly }: ImportOf, { beside }: LayerRules): boolean {
  const typesOf = beside[room]?.typesOf ?? []
  return typeOnly && target !== undefined && typesOf.some((lower) => contains(lower, target))
}

export function contains(room: Room, path: string): boolean {
  return room.endsWith('/') ? path.startsWith(room) : path === room
}
