import { join } from 'node:path'

/** The path of a program that `npm run test:monitoring` has fetched. */
export function program(name: 'prometheus' | 'promtool' | 'prometheus-redis-exporter'): string {
  const folder = process.env['MONITORING_PROGRAMS']
  if (folder === undefined)
    throw new Error('MONITORING_PROGRAMS is not set: npm run test:monitoring fetches them and sets it')
  return join(folder, name)
}
