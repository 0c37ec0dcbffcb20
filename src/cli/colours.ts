import pc from 'picocolors'
import type { Colors } from 'picocolors/types'

/** Colours for what is written there: none where it is no terminal, whatever the environment asks for. */
export function coloursFor(stream: { readonly isTTY?: boolean }): Colors {
  return pc.createColors(stream.isTTY === true && pc.isColorSupported)
}
