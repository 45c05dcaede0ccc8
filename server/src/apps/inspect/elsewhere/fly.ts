import { folderOf } from '../tree.ts'
import {
  bytes,
  type Fields,
  type Foreign,
  fields,
  items,
  OUTSIDE,
  OWN_PORT,
  type Reader,
  rest,
  service,
  text,
  variables,
} from './foreign.ts'
import { bareToml } from './text.ts'

const WHY = {
  primary_region: 'it runs on your server',
  build: 'Innkeeper builds from the sources',
  kill_signal: 'a process is asked to end by SIGTERM',
  kill_timeout: 'stopGrace says it',
  statics: 'a static service is served by the edge',
  metrics: 'metrics: of a service says where it shows them',
  swap_size_mb: '`inn server setup` makes a swap for the server',
  console_command: '`inn run` runs a command beside the app',
  restart: 'what ends is started again',
  experimental: 'it is of their machines',
}
const PARTS = ['app', 'deploy', 'processes', 'env', 'http_service', 'services', 'mounts', 'vm', 'checks']

/** Fly.io's fly.toml. */
export const fly: Reader = (source, into) => {
  const all = bareToml(source, into)
  const deploy = fields(all['deploy'])
  into.release = text(deploy['release_command'])
  into.env.push(...variables(all['env']))
  const http = fields(all['http_service'])
  const listed = items(all['services']).map(fields)
  const port =
    text(http['internal_port']) ?? listed.map(one => text(one['internal_port'])).find(one => one !== null)
  if (port !== undefined && port !== null) into.lost.push(`internal_port ${port}: ${OWN_PORT}`)
  const processes = Object.entries(fields(all['processes']))
  const named = processes.length === 0 && Object.keys(all).length > 0 ? [['app', null] as const] : processes
  for (const [name, command] of named) {
    const reached = processes.length < 2 || of(http, name) || listed.some(one => of(one, name))
    into.services.push(
      service(name, folderOf(into.file), {
        command: text(command),
        worker: !reached,
        memory: memoryOf(all, name),
        health: reached ? healthOf(all, [http, ...listed]) : null,
        persist: mounted(all, name, into),
      }),
    )
  }
  if (http['auto_stop_machines'] !== undefined)
    into.lost.push('auto_stop_machines: an app at rest goes on running')
  into.lost.push(
    ...rest(deploy, {
      used: ['release_command'],
      at: 'deploy.',
      why: { strategy: 'every deploy is blue and green' },
    }),
    ...rest(all, { used: PARTS, why: WHY }),
  )
}

/** Whether a part of the file is for a group of processes. */
function of(part: Fields, name: string): boolean {
  if (Object.keys(part).length === 0) return false
  const groups = items(part['processes']).map(text)
  return groups.length === 0 ? name === 'app' || name === 'web' : groups.includes(name)
}

function memoryOf(all: Fields, name: string): number | null {
  const machines = (Array.isArray(all['vm']) ? all['vm'] : [all['vm']]).map(fields)
  const machine = machines.find(one => {
    const groups = items(one['processes']).map(text)
    return groups.length === 0 || groups.includes(name)
  })
  const said = machine?.['memory'] ?? machine?.['memory_mb']
  return typeof said === 'number' ? said * 1024 ** 2 : bytes(said)
}

function healthOf(all: Fields, parts: readonly Fields[]): string | null {
  const checks = [
    ...Object.values(fields(all['checks'])),
    ...parts.flatMap(part => [...items(part['checks']), ...items(part['http_checks'])]),
  ]
  return checks.map(check => text(fields(check)['path'])).find(path => path !== null) ?? null
}

function mounted(all: Fields, name: string, into: Foreign): string[] {
  const mounts = (Array.isArray(all['mounts']) ? all['mounts'] : [all['mounts']]).map(fields)
  return mounts.flatMap(mount => {
    const to = text(mount['destination'])
    const groups = items(mount['processes']).map(text)
    if (to === null || (groups.length > 0 && !groups.includes(name))) return []
    const inner = /^\/app\/(.+?)\/*$/.exec(to)?.[1]
    if (inner === undefined) into.lost.push(`mounts: ${to} ${OUTSIDE}`)
    return inner === undefined ? [] : [inner]
  })
}
