import { parser } from '@prometheus-io/lezer-promql'

/** Grafana's own variables stand where PromQL has a duration or a text. */
const withoutVariables = (query: string): string =>
  query.replaceAll('$__rate_interval', '5m').replaceAll(/\$\{?\w+\}?/g, 'variable')

/** Where a query is not PromQL; undefined when it is. */
export function syntaxError(query: string): string | undefined {
  const text = withoutVariables(query)
  let found: string | undefined
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) found ??= `at "${text.slice(from, from + 20)}" of ${text}`
    }
  })
  return found
}

/** The names of the metrics that a query asks for. */
export function metricsOf(query: string): string[] {
  const text = withoutVariables(query)
  const names = new Set<string>()
  parser.parse(text).iterate({
    enter: ({ name, node, from, to }) => {
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') names.add(text.slice(from, to))
    }
  })
  return [...names]
}
