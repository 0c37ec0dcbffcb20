/** Whether a channel matches a PSUBSCRIBE pattern: `*`, `?`, `[abc]`, `[^a]`, and `\` before a literal. */
export function matchesPattern(pattern: string, channel: string): boolean {
  const source = pattern.replace(
    /\\(.)|\[(\^?)([^\]]*)\]|([*?])|([^])/g,
    (
      _,
      literal: string | undefined,
      not: string | undefined,
      set: string | undefined,
      wild: string | undefined,
      other: string | undefined
    ) => {
      if (set !== undefined) return `[${not ?? ''}${set.replace(/[\\^]/g, '\\$&')}]`
      if (wild !== undefined) return wild === '*' ? '[^]*' : '[^]'
      return (literal ?? other ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    }
  )
  return new RegExp(`^${source}$`).test(channel)
}
