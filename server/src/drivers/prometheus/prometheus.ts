import { chmod, chown, readdir, readFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { pgpassField } from '../../kernel/quote.ts'
import { Secret } from '../../kernel/secret.ts'
import type { ServiceSpec, Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { Listening, Measured, Prometheus } from '../../watch/metrics/ports.ts'
import { exec } from '../host/exec.ts'
import { exists, giveFolder, makeFolder, writeDurable, writeIfChanged } from '../host/files.ts'
import { isRoot } from '../host/proc.ts'
import { randomText } from '../host/random.ts'
import { packageAccount } from '../host/users.ts'
import { ask } from './ask.ts'
import { renderConf } from './conf.ts'
import { checkRules, PROMTOOL } from './promtool.ts'
import { collectorsIn, keptBytes, MONITOR, majorIn, PROGRAMS, QUERIES, services } from './services.ts'
import { raiseMetricsWall } from './wall.ts'

interface Options {
  /** The home, the folder of what measures in it, and the one of its logs. */
  root: string
  folder: string
  logs: string
  /** Makes the file with the token by which Prometheus is known to the keeper, and says where it is. */
  token(): Promise<string>
  ports: Listening
  /** The keeper's port on loopback. */
  api: number
  supervisor: Supervisor
  /** The rules that every home has, as YAML. */
  rules: string
}

export interface PrometheusServer extends Prometheus {
  /** Writes all files, and says how the services are started. May run at any time. */
  prepare(): Promise<ServiceSpec[]>
}

const NOTHING: Measured = { clusters: [], redis: [], instances: [], watchdog: null }

/** Whether all its programs are installed. */
export const isInstalled = async (): Promise<boolean> =>
  (await Promise.all([...Object.values(PROGRAMS), PROMTOOL].map(exists))).every(Boolean)

/** The file with the rules of an app. */
const fileOf = (app: string): string => `app-${app}.yml`

/** Its user reads them; what is secret has a mode of its own. */
const READABLE = 0o644

export function prometheusAt(options: Options): PrometheusServer {
  const { folder, ports, supervisor } = options
  const at = (...names: string[]) => join(folder, ...names)
  const account = () => packageAccount('prometheus')
  let open: string | null = null
  const known = async (): Promise<Measured> =>
    ({ ...NOTHING, ...JSON.parse((await textOf(at('measured.json'))) ?? '{}') }) as Measured

  async function specs({ clusters }: Measured): Promise<ServiceSpec[]> {
    const disk = await statfs(folder)
    const user = (await account())?.name ?? null
    const bytes = keptBytes(disk.blocks * disk.bsize)
    return services({
      ...{ folder, logs: options.logs, ports, bytes, user, clusters },
      redisPassword: await passwordAt(at('monitor')),
      collectors: collectorsIn(await said([PROGRAMS['postgres-exporter'], '--help'])),
    })
  }

  async function configure(measured: Measured): Promise<boolean> {
    const wanted = {
      ports,
      api: options.api,
      token: await options.token(),
      clusters: measured.clusters,
      major: await major(),
    }
    for (const [name, text] of Object.entries(targetsOf(measured)))
      await writeIfChanged(at('targets', `${name}.json`), text, READABLE)
    await writeIfChanged(at('targets', 'watchdog.json'), watchdogTargets(measured.watchdog), 0o600)
    await readableBy((await account())?.gid, at('targets', 'watchdog.json'))
    return writeIfChanged(at('prometheus.yml'), renderConf(wanted), READABLE)
  }

  /** Its servers are arguments of the exporter, so it is started anew. */
  async function exportClusters(measured: Measured): Promise<void> {
    const name = 'postgres-exporter'
    const spec = (await specs(measured)).find(one => one.name === name)
    if (spec === undefined) return supervisor.remove(name)
    await supervisor.define(spec)
    await supervisor.stop(name)
    await supervisor.start(name)
  }

  /** Makes Prometheus read its files again. One that does not run reads them when it starts. */
  async function reload(): Promise<void> {
    const pid = (await supervisor.state('prometheus'))?.pid
    if (pid != null) process.kill(pid, 'SIGHUP')
  }

  return {
    async prepare() {
      const own = await account()
      for (const name of ['', 'rules', 'targets']) await makeFolder(at(name), name === '' ? 0o711 : 0o755)
      await giveFolder(at('data'), own, 0o700)
      await readableBy(own?.gid, await options.token())
      const password = await passwordAt(at('monitor'))
      await writeIfChanged(at('pgpass'), `*:*:*:${MONITOR}:${pgpassField(password)}\n`, 0o600)
      if (own !== null) await chown(at('pgpass'), own.uid, own.gid)
      await writeIfChanged(at('queries.yml'), stringify(QUERIES), READABLE)
      await writeIfChanged(at('rules', 'default.yml'), options.rules, READABLE)
      await configure(await known())
      open = await raiseMetricsWall(options.root, ports, own)
      return specs(await known())
    },

    async measure(measured) {
      const before = await known()
      if (JSON.stringify(before) === JSON.stringify(measured)) return
      const changed = await configure(measured)
      if (JSON.stringify(before.clusters) !== JSON.stringify(measured.clusters))
        await exportClusters(measured)
      if (changed) await reload()
      // Written last: what was cut before is done again.
      await writeDurable(at('measured.json'), JSON.stringify(measured))
    },

    async rules(all) {
      const kept = new Set(['default.yml', ...[...all.keys()].map(fileOf)])
      const gone = (await readdir(at('rules'))).filter(name => !kept.has(name))
      for (const name of gone) await rm(at('rules', name), { force: true })
      const written = []
      for (const [app, yaml] of all)
        written.push(await writeIfChanged(at('rules', fileOf(app)), yaml, READABLE))
      if (gone.length > 0 || written.includes(true)) await reload()
    },

    check: async yaml => checkRules(at(`.check-${randomText(8)}.yml`), yaml, await account()),
    open: () => open,
    range: wanted => ask(ports.prometheus, wanted),
    monitorPassword: async () => new Secret(await passwordAt(at('monitor'))),
  }
}

/** Files of targets by what Prometheus is to know of each: a target that comes or goes takes no reload. */
function targetsOf({ redis, instances }: Measured): Record<string, string> {
  const group = (target: string, labels: Record<string, string>) => ({ targets: [target], labels })
  const scraped = (format: 'text' | 'json') =>
    instances
      .filter(one => one.format === format)
      .map(({ port, path, format: _, ...labels }) =>
        group(`127.0.0.1:${port}`, {
          ...labels,
          ...(format === 'text' ? { __metrics_path__: path } : {}),
        }),
      )
  const all = {
    redis: redis.map(({ app, port }) => group(`127.0.0.1:${port}`, { app, instance: 'redis' })),
    apps: scraped('text'),
    'apps-json': scraped('json'),
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, groups]) => [name, JSON.stringify(groups, null, 1)]),
  )
}

/** Who has this address can make a dead server look alive, so that only Prometheus reads it. */
function watchdogTargets(address: string | null): string {
  if (address === null) return '[]'
  const { protocol, host, pathname, searchParams } = new URL(address)
  const params = [...searchParams].map(([name, value]) => [`__param_${name}`, value])
  const labels = {
    __scheme__: protocol.slice(0, -1),
    __metrics_path__: pathname,
    ...Object.fromEntries(params),
  }
  return JSON.stringify([{ targets: [host], labels }])
}

async function passwordAt(path: string): Promise<string> {
  const found = await textOf(path)
  if (found !== null) return found
  const made = randomText(32)
  await writeDurable(path, made)
  return made
}

/** Root's file, which a group reads. */
async function readableBy(gid: number | undefined, path: string): Promise<void> {
  if (!isRoot() || gid === undefined) return
  await chown(path, 0, gid)
  await chmod(path, 0o640)
}

/** What a program prints, on either stream. */
async function said(argv: readonly string[]): Promise<string> {
  const { stdout, tail } = await exec({ argv, timeoutMs: 20_000 })
  return stdout + tail
}

const major = async (): Promise<number | null> => majorIn(await said([PROGRAMS.prometheus, '--version']))

const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null)
