import type { RedisOptions } from 'ioredis'

/** The form of replies, as ioredis's option has it: `legacy` as in RESP2, or `resp3`, with maps as objects and doubles as numbers. */
export type ReplyMapping = NonNullable<RedisOptions['replyMapping']>

/** Options that say which it is, so that the replies' types are known. */
export interface Mapped<Mapping extends ReplyMapping> {
  replyMapping: Mapping
}

/** The name it goes by in the types of ioredis's commands. */
export type ReplyForm<Mapping extends ReplyMapping> = Mapping extends 'resp3' ? 'resp3' : 'resp2'
