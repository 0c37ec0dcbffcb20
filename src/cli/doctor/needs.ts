/** A right, and a command that shows whether a user has it. */
export interface Need {
  readonly right: string
  readonly words: readonly string[]
}

const need = (right: string, ...words: readonly string[]): Need => ({ right, words })

/** What sentinels do at nodes: redis `src/sentinel.c`, and its documentation "Sentinel Access Control List authentication". */
export const SENTINEL_NEEDS: readonly Need[] = [
  need('+ping', 'ping'),
  need('+info', 'info'),
  need('+role', 'role'),
  need('+multi', 'multi'),
  need('+exec', 'exec'),
  need('+slaveof', 'slaveof', 'no', 'one'),
  need('+config|rewrite', 'config', 'rewrite'),
  need('+client|setname', 'client', 'setname', 'x'),
  need('+client|kill', 'client', 'kill', 'type', 'normal'),
  need('+script|kill', 'script', 'kill'),
  need('+publish &__sentinel__:hello', 'publish', '__sentinel__:hello', 'x'),
  need('+subscribe &__sentinel__:hello', 'subscribe', '__sentinel__:hello')
]

/** What a replica does at its primary: redis `src/replication.c`. */
export const REPLICATION_NEEDS: readonly Need[] = [
  need('+ping', 'ping'),
  need('+replconf', 'replconf', 'ack', '0'),
  need('+psync', 'psync', '?', '-1')
]

/** What this library asks of nodes beside the application's own calls: docs/security.md. */
export const CLIENT_NEEDS: readonly Need[] = [
  need('+ping', 'ping'),
  need('+select', 'select', '0'),
  need('+client|setname', 'client', 'setname', 'x'),
  need('+info', 'info'),
  need('+client|list', 'client', 'list'),
  need('+client|unblock', 'client', 'unblock', '1')
]
