import { type AnySentinelRedis, ConfigurationError } from '../index.js'

export { formatAddress } from '../protocol/address.js'

/** Whom the sentinels call so, and which client of this process: the labels of every metric. */
export interface OwnLabels {
  readonly group: string
  readonly client: string
}

/**
 * The labels of this client in what `of`, a function's name, exports.
 *
 * @throws ConfigurationError for something that is no SentinelRedis, and for a label that is no text.
 */
export function ownLabels(of: string, client: AnySentinelRedis, label: string): OwnLabels {
  // Not by instanceof: two copies of the package may meet.
  const given = client as Partial<AnySentinelRedis> | null | undefined
  if (typeof given?.stats !== 'function' || typeof given.topology?.name !== 'string')
    throw new ConfigurationError(`${of}() was given something that is no SentinelRedis`)
  if (typeof label !== 'string' || label === '')
    throw new ConfigurationError(`${of}({ client }) is ${JSON.stringify(label)}; allowed is a text that is not empty`)
  return { group: client.topology.name, client: label }
}

/** @throws ConfigurationError when one of these has the same labels. */
export function checkUnique(of: string, labels: OwnLabels, others: Iterable<OwnLabels>): void {
  for (const { group, client } of others) {
    if (group !== labels.group || client !== labels.client) continue
    throw new ConfigurationError(
      `${of}() was given a second client of "${group}" as "${client}"; allowed is a \`client\` label of its own, or to end the first`
    )
  }
}
