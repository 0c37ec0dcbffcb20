/** One name with all its addresses. Names are lower case and without the last dot. */
export interface DnsRecord {
  readonly name: string
  readonly addresses: readonly string[]
}

/** `cut`: queries are not answered. */
export interface DnsMode {
  readonly cut?: boolean
  readonly delayMs?: number
}

/** As CoreDNS has them with the configuration of kubeadm: `ttl 30`, `cache 30`. */
export interface DnsTimes {
  readonly ttlSeconds: number
  readonly cacheSeconds: number
  readonly negativeCacheSeconds: number
}

export const KUBEADM_TIMES: DnsTimes = { ttlSeconds: 30, cacheSeconds: 30, negativeCacheSeconds: 30 }

/** For what is not about DNS, such as an installation before the fault: a fault's own time is measured with the others. */
export const SHORT_TIMES: DnsTimes = { ttlSeconds: 1, cacheSeconds: 1, negativeCacheSeconds: 1 }
