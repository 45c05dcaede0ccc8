import { join } from '../tree.ts'
import {
  type Fields,
  type Foreign,
  type ForeignEnv,
  fields,
  items,
  OUTSIDE,
  type Reader,
  rest,
  service,
  text,
  whole,
} from './foreign.ts'
import { bareYaml } from './text.ts'

const WHY = {
  plan: 'the size of a service is its memory:',
  region: 'it runs on your server',
  branch: '`inn deploy` brings the commit that is checked out',
  autoDeploy: '`inn ci init` writes a workflow that deploys',
  autoDeployTrigger: '`inn ci init` writes a workflow that deploys',
  repo: '`inn deploy` brings the commit that is checked out',
  previews: 'there are no previews yet',
  pullRequestPreviewsEnabled: 'there are no previews yet',
  buildFilter: '`inn deploy --only` brings one service alone',
  maxShutdownDelaySeconds: 'stopGrace says it',
  headers: 'headers: says them for the whole app',
  ipAllowList: 'allow: says it',
  domains: 'say them under domains: when their names point to this server',
  registryCredential: 'Innkeeper builds from the sources',
}
const USED = [
  'type',
  'name',
  'env',
  'runtime',
  'rootDir',
  'buildCommand',
  'startCommand',
  'preDeployCommand',
  'healthCheckPath',
  'numInstances',
  'scaling',
  'envVars',
  'disk',
  'schedule',
  'staticPublishPath',
]

/** Render's blueprint. */
export const render: Reader = (source, into) => {
  const all = bareYaml(source, into)
  for (const one of items(all['services'])) serviceOf(fields(one), into)
  if (items(all['databases']).length > 0) into.databases.push('postgres')
  for (const group of items(all['envVarGroups'])) into.env.push(...varsOf(fields(group)))
  into.lost.push(...rest(all, { used: ['services', 'databases', 'envVarGroups', 'version'], why: WHY }))
}

function serviceOf(one: Fields, into: Foreign): void {
  const type = text(one['type']) ?? ''
  const name = text(one['name']) ?? type
  const at = `${name}: `
  if (/^(?:redis|keyvalue)$/.test(type)) {
    into.databases.push('redis')
    return
  }
  if (type === 'cron') {
    into.lost.push(
      `${at}${text(one['startCommand']) ?? ''} at ${text(one['schedule']) ?? ''}: jobs by the clock have no key yet`,
    )
    return
  }
  const runtime = text(one['runtime']) ?? text(one['env']) ?? 'node'
  const site = runtime === 'static'
  if (!/^(?:node|docker|static)$/.test(runtime)) {
    into.lost.push(`${at}Innkeeper runs Node.js, and this runs ${runtime}`)
    return
  }
  into.release ??= text(one['preDeployCommand'])
  const mount = text(fields(one['disk'])['mountPath'])
  const inner = /^\/opt\/render\/project\/src\/(.+)$/.exec(mount ?? '')?.[1]
  if (mount !== null && inner === undefined) into.lost.push(`${at}disk at ${mount}: it ${OUTSIDE}`)
  const folder = join(text(one['rootDir']) ?? '.')
  if (site) into.env.push(...varsOf(one))
  else
    into.services.push(
      service(name, folder, {
        command: text(one['startCommand']) ?? text(one['dockerCommand']),
        worker: type === 'worker',
        instances: whole(one['numInstances']) ?? whole(fields(one['scaling'])['minInstances']),
        health: text(one['healthCheckPath']),
        persist: inner === undefined ? [] : [inner.replace(folder === '.' ? '' : `${folder}/`, '')],
        env: varsOf(one),
      }),
    )
  for (const route of items(one['routes'])) {
    const { type: kind, source, destination } = fields(route)
    if (!(kind === 'rewrite' && destination === '/index.html'))
      into.lost.push(
        `${at}${text(kind) ?? 'route'} of ${text(source) ?? ''} to ${text(destination) ?? ''}: the app must do it`,
      )
  }
  into.lost.push(...rest(one, { used: [...USED, 'dockerCommand', 'routes'], why: WHY, at }))
}

/** What comes from one of its databases is given by Innkeeper, under the usual names. */
const varsOf = (of: Fields): ForeignEnv[] =>
  items(of['envVars']).flatMap(one => {
    const said = fields(one)
    const name = text(said['key'])
    if (name === null || said['fromDatabase'] !== undefined || said['fromService'] !== undefined) return []
    return [{ name, value: typeof said['value'] === 'boolean' ? String(said['value']) : text(said['value']) }]
  })
