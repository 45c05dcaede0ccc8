import { folderOf, join } from '../tree.ts'
import {
  bytes,
  databaseOf,
  type Fields,
  type Foreign,
  fields,
  items,
  line,
  OUTSIDE,
  OWN_PORT,
  type Reader,
  rest,
  service,
  text,
  variables,
  whole,
} from './foreign.ts'
import { bareYaml } from './text.ts'

const WHY = {
  restart: 'what ends is started again',
  depends_on: 'PostgreSQL and Redis serve before the app is started',
  container_name: 'a service has the name that it has in the file',
  networks: 'apps reach each other by loopback alone',
  labels: 'routes and domains stand in innkeeper.yaml',
  expose: OWN_PORT,
  env_file: 'files of variables are not read: `inn deploy --env-file` gives them',
  logging: '`inn logs` shows what is written, and bounds it',
  init: 'every process has a supervisor',
  user: 'each app has a user of its own',
  tty: 'services have no terminal',
  stdin_open: 'services have no terminal',
  develop: 'a server runs in production',
  secrets: '`inn deploy --env` gives secrets, which are kept',
  stop_grace_period: 'stopGrace says it',
  cpus: 'innkeeper.yaml has no bound for processors',
}
const USED = [
  'build',
  'image',
  'command',
  'entrypoint',
  'working_dir',
  'environment',
  'ports',
  'volumes',
  'healthcheck',
  'deploy',
  'scale',
  'mem_limit',
  'profiles',
  'platform',
]
const EDGE = /(?:^|\/)(?:nginx|traefik|caddy|haproxy|nginx-proxy|certbot|swag)\b/

/** Docker Compose. */
export const compose: Reader = (source, into) => {
  const all = bareYaml(source, into)
  for (const [name, of] of Object.entries(fields(all['services']))) {
    const one = fields(of)
    const image = text(one['image'])
    const builds = one['build'] !== undefined
    const database = builds ? null : databaseOf(image ?? '')
    if (database !== null) into.databases.push(database)
    else if (builds) built(one, name, into)
    else if (image !== null && EDGE.test(image))
      into.lost.push(`${name}: ${image}: the edge takes its place (routes:, domains:, tls:)`)
    else if (image !== null && /(?:^|\/)node(?::|$)/.test(image)) built(one, name, into)
    else
      into.lost.push(
        `${name}: ${image ?? 'it has no image'}: it must run elsewhere, Innkeeper runs what is in the repository`,
      )
  }
}

function built(one: Fields, name: string, into: Foreign): void {
  const build = fields(one['build'])
  const folder = join(folderOf(into.file), text(one['build']) ?? text(build['context']) ?? '.')
  const at = `${name}: `
  const env = variables(one['environment'])
  const ports = items(one['ports']).map(port => text(port) ?? text(fields(port)['target']) ?? '')
  if (ports.length > 0) into.lost.push(`${at}port ${ports.join(', ')}: ${OWN_PORT}`)
  const deploy = fields(one['deploy'])
  const limits = fields(fields(deploy['resources'])['limits'])
  into.services.push(
    service(name, folder, {
      command: shellLess(line(one['command']) ?? line(one['entrypoint'])),
      worker: ports.length === 0 && one['expose'] === undefined && !env.some(({ name }) => name === 'PORT'),
      instances: whole(deploy['replicas']) ?? whole(one['scale']),
      memory: bytes(limits['memory']) ?? bytes(one['mem_limit']),
      health: healthOf(fields(one['healthcheck'])),
      persist: persisted(one, { at, into }),
      env,
    }),
  )
  into.lost.push(...rest(one, { used: USED, why: WHY, at }).filter(said => !said.includes(' depends_on:')))
}

/** `sh -c "node a.js"` → what the shell is told. */
const shellLess = (command: string | null): string | null =>
  command?.replace(/^(?:\/bin\/)?(?:ba|da)?sh -c (["'])(.*)\1$/, '$2') ?? null

/** The path of an address that the check asks for. */
function healthOf(check: Fields): string | null {
  const test = line(check['test']) ?? ''
  return (
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+|:\$\{?\w+\}?)?(\/[\w./-]*)/.exec(test)?.[1] ??
    null
  )
}

/** Where images of Node.js keep the app. */
const WORKDIR =
  /^\/(?:usr\/src\/app|usr\/app|app|opt\/app|srv\/app|src|code|workspace|home\/node\/app)\/(.+)$/

/** Folders of named volumes and of what is mounted from outside, from the root of the service. */
function persisted(one: Fields, { at, into }: { at: string; into: Foreign }): string[] {
  const base = text(one['working_dir'])
  return items(one['volumes']).flatMap(volume => {
    const [from, to] = mount(volume)
    if (to === null || /node_modules|docker\.sock/.test(`${from}${to}`)) return []
    const named = from !== null && !/^[./~$]/.test(from)
    const inner =
      base !== null && to.startsWith(`${base}/`) ? to.slice(base.length + 1) : (WORKDIR.exec(to)?.[1] ?? null)
    if (named && inner !== null) return [inner.replace(/\/+$/, '')]
    if (named) into.lost.push(`${at}volume ${from}: ${to} ${OUTSIDE}`)
    else if (from !== null && inner !== null)
      into.lost.push(
        `${at}volume ${from}: a folder of the machine: copy its files, and say persist: [${inner}] if the app writes there`,
      )
    return []
  })
}

function mount(volume: unknown): [string | null, string | null] {
  const [from, to] = (text(volume) ?? '').split(':')
  if (from === undefined || from === '') {
    const long = fields(volume)
    return [text(long['source']), text(long['target'])]
  }
  return to === undefined ? [null, from] : [from, to]
}
