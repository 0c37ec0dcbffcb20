/** Why a sentinel, or a node, refuses a part of a failover: redis `sentinel.c` sentinelCommand(), `acl.c`. */
export type FailoverRefusal = 'under-way' | 'nobody-fit' | 'unknown-name' | 'not-allowed' | 'unknown-words' | 'other'

export function failoverRefusal(message: string): FailoverRefusal {
  if (message.startsWith('INPROG')) return 'under-way'
  if (message.startsWith('NOGOODSLAVE')) return 'nobody-fit'
  if (/^ERR No such (master|primary)/i.test(message)) return 'unknown-name'
  if (/^(NOPERM|NOAUTH)/.test(message)) return 'not-allowed'
  // Before Valkey 9 SENTINEL FAILOVER takes one argument only.
  if (/^ERR (wrong number of arguments|syntax error|unknown)/i.test(message)) return 'unknown-words'
  return 'other'
}
