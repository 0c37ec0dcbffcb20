/**
 * The rights of docs/security.md, word for word: test/unit/docs-security.test.ts holds the page against them. Keys and channels of the
 * application begin with `app:`.
 */
export const NODE_RIGHTS =
  'resetchannels ~app:* ~exactly-once:* &app:* &ioredis-sentinel:durability -@all +@read +@write +@pubsub +@transaction +@scripting +@connection -@dangerous +info +client|list +client|unblock'

/** Beside them, for failover(). */
export const NODE_FAILOVER_RIGHTS = '+client|pause +client|unpause +client|kill +replicaof +config|rewrite'

/** All that is not dangerous, and so neither INFO nor CLIENT LIST. */
export const NODE_HARMLESS_RIGHTS = '~* &* +@all -@dangerous'

export const SENTINEL_RIGHTS =
  'allchannels -@all +info +subscribe +client|setname +sentinel|myid +sentinel|master +sentinel|masters +sentinel|replicas +sentinel|sentinels +sentinel|get-master-addr-by-name'

/** Beside them, for failover(). */
export const SENTINEL_FAILOVER_RIGHTS = '+sentinel|failover'
