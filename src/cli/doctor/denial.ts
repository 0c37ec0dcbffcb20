import type { Examined } from './examination.js'

/**
 * The first sentence of what a node with protected-mode on says to all but its own machine, before it closes their connections: redis
 * `src/networking.c` clientAcceptHandler(). Undefined where it did not say that.
 */
export function denialBy(node: Examined<unknown>): string | undefined {
  return 'unreachable' in node ? /^DENIED .*?(?=\. |$)/.exec(node.unreachable)?.[0] : undefined
}
