import { folderOf, join } from '../tree.ts'
import {
  bytes,
  type Fields,
  type Foreign,
  type ForeignService,
  fields,
  line,
  OWN_PORT,
  type Reader,
  rest,
  service,
  text,
  variables,
  whole,
} from './foreign.ts'
import { exported, Unread } from './literal.ts'
import { bareYaml } from './text.ts'

const WHY = {
  watch: 'a deploy brings a new version, nothing watches files',
  ignore_watch: 'a deploy brings a new version, nothing watches files',
  cron_restart: 'nothing is restarted by the clock: say memory: if it grows',
  autorestart: 'what ends is started again',
  max_restarts: 'what ends at once is undone by the deploy, and later started again with longer waits',
  min_uptime: 'health.startPeriod says how long a start may take',
  restart_delay: 'restart: says the waits',
  exp_backoff_restart_delay: 'restart: says the waits',
  error_file: '`inn logs` shows what each instance writes',
  out_file: '`inn logs` shows what each instance writes',
  log_file: '`inn logs` shows what each instance writes',
  merge_logs: '`inn logs` shows what each instance writes',
  log_date_format: '`inn logs` shows the time of each line',
  kill_timeout: 'stopGrace says it',
  listen_timeout: 'health.startPeriod says it',
  wait_ready: 'health: asks the app itself',
  exec_mode: 'instances are processes of their own, behind the edge',
  env_development: 'a server runs in production',
  env_dev: 'a server runs in production',
  deploy: '`inn deploy` brings a version to the server',
  user: 'each app has a user of its own',
  uid: 'each app has a user of its own',
  gid: 'each app has a user of its own',
  env_file: 'files of variables are not read: `inn deploy --env-file` gives them',
}
const USED = [
  'name',
  'script',
  'args',
  'cwd',
  'interpreter',
  'node_args',
  'interpreter_args',
  'instances',
  'max_memory_restart',
  'env',
  'env_production',
  'env_prod',
]

/** PM2's ecosystem file, as JavaScript, JSON or YAML. */
export const ecosystem: Reader = (source, into) => {
  const found = /\.ya?ml$/.test(into.file) ? bareYaml(source, into) : exported(source)
  if (found instanceof Unread) {
    into.unread.push('what it exports is no literal, and nothing of it is run')
    return
  }
  const all = fields(found)
  const apps = Array.isArray(found)
    ? found
    : 'apps' in all
      ? Array.isArray(all['apps'])
        ? all['apps']
        : [all['apps']]
      : [all]
  for (const [at, one] of apps.entries()) {
    const app = fields(one instanceof Unread ? {} : one)
    const name = text(app['name']) ?? text(app['script']) ?? `apps[${at}]`
    said(app, name, into)
    if (text(app['script']) === null) into.unread.push(`${name}: no script can be read`)
    else into.services.push(process(app, { name, at, into }))
  }
  if ('deploy' in all) into.lost.push(`deploy: ${WHY.deploy}`)
}

/** The words for what is not taken of an app, and for what is no literal. */
function said(app: Fields, name: string, into: Foreign): void {
  for (const [key, value] of [...Object.entries(app), ...inside(app)])
    if (value instanceof Unread && !/^__dirname$|^process\.cwd\(\)$/.test(value.source))
      into.unread.push(`${name}: ${key} is no literal (${value.source.slice(0, 60)})`)
  const left = rest(app, { used: USED, why: WHY, at: `${name}: ` })
  into.lost.push(...left.filter(sentence => !/ (?:autorestart|exec_mode):/.test(sentence)))
  if (
    app['instances'] !== undefined &&
    whole(app['instances']) === null &&
    !(app['instances'] instanceof Unread)
  )
    into.lost.push(`${name}: instances: ${text(app['instances']) ?? ''}: as many as processors; say a number`)
}

const inside = (app: Fields): Array<[string, unknown]> =>
  ['env', 'env_production', 'env_prod'].flatMap(key =>
    Object.entries(fields(app[key])).map(([name, value]) => [`${key}.${name}`, value] as [string, unknown]),
  )

function process(
  app: Fields,
  { name, at, into }: { name: string; at: number; into: Foreign },
): ForeignService {
  const env = new Map(
    ['env', 'env_production', 'env_prod'].flatMap(key => variables(app[key])).map(one => [one.name, one]),
  )
  if (env.has('PORT')) into.lost.push(`${name}: port ${env.get('PORT')!.value ?? ''}: ${OWN_PORT}`)
  return service(name, folderOf(into.file), {
    command: commandOf(app),
    // PM2 does not say what listens: the first app does, and whatever is told its port.
    worker: at > 0 && !env.has('PORT') && !/cluster/.test(text(app['exec_mode']) ?? ''),
    instances: whole(app['instances']),
    memory: bytes(app['max_memory_restart']),
    env: [...env.values()],
  })
}

/** The folder of the file is where commands run; a script stands below `cwd`. */
export function commandOf(app: Fields): string {
  const script = text(app['script'])!
  const args = line(app['args'])
  const words = args === null ? '' : ` ${args}`
  // A package manager or a program by its name is no file of the app.
  if (!/[./]/.test(script)) return `${script}${words}`
  const cwd = text(app['cwd'])
  const path = cwd === null || cwd.startsWith('/') ? script.replace(/^\.\//, '') : join(cwd, script)
  const options = line(app['node_args']) ?? line(app['interpreter_args'])
  const by = text(app['interpreter'])
  const program = by !== null && /^(?:node|tsx|ts-node)$/.test(by) ? by : /\.ts$/.test(path) ? 'tsx' : 'node'
  if (by !== null && !/^(?:node|tsx|ts-node)$/.test(by)) return `${by} ${path}${words}`
  return [program, ...(options === null ? [] : [options]), `${path}${words}`].join(' ')
}
