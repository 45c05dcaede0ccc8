import type { AppConfig, Env } from '../../config/config.ts'
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from '../../config/messages.ts'
import { checkinVariable } from '../../config/probes.ts'
import type { EnvName } from './wire.ts'

/** Where the value of each variable of a service comes from, in words. */
export function originsOf(config: AppConfig, service: string, names: readonly string[]): EnvName[] {
  const own = config.services.find(one => one.name === service)
  const web = own?.kind === 'web' ? ['PORT'] : []
  return [...new Set([...names, ...web])].sort().map(name => {
    const said = own?.env[name] ?? config.env[name]
    return { service, name, origin: said === undefined ? ours(config, name) : inWords(name, said) }
  })
}

function inWords(name: string, said: Env[string]): string {
  if (typeof said === 'string') return 'innkeeper.yaml'
  if ('from' in said)
    return said.from === name ? 'given with a deploy' : `given with a deploy, as ${said.from}`
  if ('generate' in said) return 'generated, and kept'
  if ('database' in said) return `the database: its ${said.database}`
  return `Redis: its ${said.redis}`
}

function ours({ database, redis, checkins }: AppConfig, name: string): string {
  if (Object.keys(checkins).some(job => checkinVariable(job) === name)) return 'innkeeper.yaml: checkins'
  if (name === 'DATABASE_URL')
    return database?.url === undefined ? 'the database' : 'innkeeper.yaml: database'
  if (name === 'DIRECT_DATABASE_URL') return 'the database, past its pooler'
  if (name === 'REDIS_URL') return redis === true ? 'Redis' : 'innkeeper.yaml: redis'
  if (name === SOCKET_VARIABLE || name === TOKEN_VARIABLE) return 'innkeeper.yaml: messages'
  return 'Innkeeper'
}
