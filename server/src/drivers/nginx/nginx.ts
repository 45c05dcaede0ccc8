import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { inTurns } from '../../kernel/turns.ts'
import type {
  Closed,
  Edge,
  RouteTable,
  Site,
  SiteCertificate,
  SiteChange,
  SiteLogin,
  TrafficByRelease,
} from '../../reach/edge/edge.ts'
import { exec } from '../host/exec.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { type Admin, adminAt, silent, trafficFrom } from './admin.ts'
import { checkCertificate, checkClosed, checkPorts, checkSites, checkTable, checkToken } from './check.ts'
import { DIGEST, renderConf, sitesIn } from './conf.ts'
import { makeLogins, writeLogin } from './logins.ts'
import { makeNobodys } from './nobody.ts'
import type { Listener } from './tls.ts'
import { vitalsScript } from './vitals.ts'

export interface NginxOptions {
  home: string
  /** The public listener that sites with domains share. */
  http?: Listener | null
  /** The public listener for TLS of the same sites. */
  https?: Listener | null
  /** The port of the keeper on loopback, which gets what providers send; null: nothing does. */
  keeper?: number | null
  /** The user that workers run as when root starts nginx; default: www-data. Without root, they run as the keeper's user. */
  workerUser?: string | null
  clock?: Clock
}

export interface NginxEdge extends Edge {
  /** Makes folders, Lua files and a first nginx.conf, so that nginx can start without a site. May run at any time. Failure `edge.path-too-long`. */
  prepare(): Promise<void>
}

const NGINX = '/usr/sbin/nginx'
const LUA = join(import.meta.dirname, 'lua')
/** Notice before a reload: 1.5 s for busy clients to send a request and be told, and the time until all workers know. */
const NOTICE_MS = 1650
/** Longest path of a unix socket in the kernel, without the final zero byte. */
const SOCKET_PATH_MAX = 107

const socketOf = (home: string): string => join(home, 'edge', 'run', 'admin.sock')

/** The argv with which the supervisor starts nginx, as root or not. */
export function edgeCommand(home: string): string[] {
  const edge = join(home, 'edge')
  // A killed nginx leaves its socket, and a new one does not start over it, so it is removed. The limit of open files is raised to the hard limit.
  const start = 'ulimit -S -n "$(ulimit -H -n)"; rm -f "$1" && shift && exec "$@"'
  const nginx = [NGINX, '-p', edge, '-c', join(edge, 'nginx.conf'), '-e', 'stderr']
  return ['/bin/sh', '-c', start, 'edge', socketOf(home), ...nginx]
}

export const nginxEdge = (options: NginxOptions): NginxEdge => new Nginx(options)

/** Longest wait for new workers. Milliseconds are usual, but a machine that builds several apps is slow. */
const TAKEN_WITHIN_MS = 30_000

class Nginx implements NginxEdge {
  readonly #folder: string
  readonly #socket: string
  readonly #http: Listener | null
  readonly #https: Listener | null
  readonly #keeper: number | null
  readonly #workerUser: string | null
  readonly #clock: Clock
  readonly #admin: Admin
  readonly #turn = inTurns()
  /** For each site: a frozen nginx must not make sites wait for each other. */
  readonly #tables = new Map<string, ReturnType<typeof inTurns>>()

  constructor({
    home,
    http = null,
    https = null,
    keeper = null,
    workerUser = 'www-data',
    clock = systemClock,
  }: NginxOptions) {
    this.#folder = join(home, 'edge')
    this.#socket = socketOf(home)
    this.#http = http
    this.#https = https
    this.#keeper = keeper
    this.#workerUser = process.getuid?.() === 0 ? workerUser : null
    this.#clock = clock
    this.#admin = adminAt(this.#socket)
  }

  async prepare(): Promise<void> {
    checkSocketPath(this.#socket)
    for (const name of ['..', '.', 'tables', 'temp', 'lua', 'gates']) await makeFolder(this.#path(name))
    await makeFolder(this.#path('run'), 0o700)
    await makeFolder(this.#path('certificates'), 0o700)
    await makeLogins(this.#folder, this.#workerUser)
    if (this.#https !== null) await makeNobodys(this.#folder)
    const { lua, text } = await this.#render([])
    await makeFolder(this.#path('lua', lua))
    for (const file of await luaFiles()) {
      await writeDurable(this.#path('lua', lua, file.name), file.text, 0o644)
    }
    if ((await textOf(this.#conf)) === null) await writeDurable(this.#conf, text, 0o644)
  }

  async site(id: string): Promise<Site | null> {
    return sitesIn(await textOf(this.#conf)).find(site => site.id === id) ?? null
  }

  configure(change: SiteChange, signal?: AbortSignal): Promise<{ reloaded: boolean }> {
    // One change after the other: of two at once, each would leave out the site that the other one opens.
    return this.#turn(() => this.#configure(change, signal))
  }

  async #configure(change: SiteChange, signal?: AbortSignal): Promise<{ reloaded: boolean }> {
    const before = await textOf(this.#conf)
    const sites = change(sitesIn(before))
    checkSites(sites)
    const wanted = await this.#render(sites)
    const running = await this.#admin.digest()
    // The running nginx is asked too: a keeper that died between file and reload left them different.
    const same = before === wanted.text && (running === null || running === wanted.digest)
    if (same) return { reloaded: false }
    await this.#try(wanted.text)
    if (running !== null) await checkPorts(before ?? '', wanted.text)
    await writeDurable(this.#conf, wanted.text, 0o644)
    if (running === null) return { reloaded: false }
    // Where no site was open nobody is connected.
    if (sitesIn(before).length > 0) await this.#announce(running, signal)
    process.kill(Number(await readFile(this.#path('nginx.pid'), 'utf8')), 'SIGHUP')
    if (!(await this.#taken(wanted.digest))) {
      if (before !== null) await writeDurable(this.#conf, before, 0o644)
      await this.#admin.send('PUT', '/closing/')
      throw notTaken()
    }
    await this.#dropOldLua(wanted.lua)
    return { reloaded: true }
  }

  async route(site: string, table: RouteTable): Promise<void> {
    checkTable(site, table)
    await this.#changeTable(site, before => ({ ...table, closed: before?.closed }))
  }

  async close(site: string, closed: Closed | null): Promise<void> {
    if (closed !== null) checkClosed(site, closed)
    await this.#changeTable(site, before => ({
      routes: [],
      services: {},
      ...before,
      closed: closed ?? undefined,
    }))
  }

  /** One change of a table after the other: each is made of what the one before has left. */
  #changeTable(site: string, change: (before: RouteTable | null) => object): Promise<void> {
    const turn = this.#tables.get(site) ?? inTurns()
    this.#tables.set(site, turn)
    return turn(async () => {
      const text = JSON.stringify(change(await this.table(site)))
      // The file is written first: an nginx that starts before it is told reads the file.
      await writeDurable(this.#table(site), text, 0o644)
      await this.#admin.send('PUT', `/table/${site}`, text)
    })
  }

  async table(site: string): Promise<RouteTable | null> {
    const text = await textOf(this.#table(site))
    return text === null ? null : (JSON.parse(text) as RouteTable)
  }

  async forget(site: string): Promise<void> {
    await rm(this.#table(site), { force: true })
    await this.#admin.send('DELETE', `/table/${site}`)
    await this.certify(site, null)
    await this.admit(site, null)
  }

  admit(site: string, login: SiteLogin | null): Promise<void> {
    return writeLogin(this.#folder, site, login)
  }

  async certify(site: string, certificate: SiteCertificate | null): Promise<void> {
    if (certificate === null) {
      await rm(this.#certificate(site), { force: true })
      return void (await this.#admin.send('DELETE', `/certificate/${site}`))
    }
    checkCertificate(site, certificate)
    const text = JSON.stringify(certificate)
    await writeDurable(this.#certificate(site), text, 0o600)
    await this.#admin.send('PUT', `/certificate/${site}`, text)
  }

  async certified(site: string): Promise<SiteCertificate | null> {
    const text = await textOf(this.#certificate(site))
    return text === null ? null : (JSON.parse(text) as SiteCertificate)
  }

  async answer(token: string, text: string | null): Promise<void> {
    checkToken(token)
    await this.#admin.send(text === null ? 'DELETE' : 'PUT', `/answer/${token}`, text ?? undefined)
  }

  async leaveOut(site: string, peers: readonly string[]): Promise<void> {
    await this.#admin.send('PUT', `/out/${site}`, JSON.stringify(peers))
  }

  async traffic(site: string): Promise<TrafficByRelease> {
    const releases = JSON.parse(await this.#told(`/traffic/${site}`)) as Record<
      string,
      Record<string, number>
    >
    return Object.fromEntries(Object.entries(releases).map(([key, fields]) => [key, trafficFrom(fields)]))
  }

  async wanted(waits: boolean): Promise<string[]> {
    return JSON.parse(await this.#told(waits ? '/wanted' : '/wanted/now')) as string[]
  }

  metrics(): Promise<string> {
    return this.#told('/metrics')
  }

  async #told(path: string): Promise<string> {
    const answer = await this.#admin.send('GET', path)
    if (answer === null) throw silent('it does not run')
    return answer.body
  }

  async alive(): Promise<boolean> {
    return (await this.#admin.digest()) !== null
  }

  #path(...names: string[]): string {
    return join(this.#folder, ...names)
  }

  get #conf(): string {
    return this.#path('nginx.conf')
  }

  #table(site: string): string {
    return this.#path('tables', `${site}.json`)
  }

  #certificate(site: string): string {
    return this.#path('certificates', `${site}.json`)
  }

  async #render(sites: readonly Site[]): Promise<{ text: string; digest: string; lua: string }> {
    const lua = digestOf((await luaFiles()).map(file => file.text).join('\0'))
    const listeners = { socket: this.#socket, http: this.#http, https: this.#https }
    const text = renderConf({ ...listeners, keeper: this.#keeper, workerUser: this.#workerUser, lua, sites })
    const digest = digestOf(text)
    return { text: text.replace(DIGEST, digest), digest, lua }
  }

  /** Lets nginx test the configuration. Failure `edge.refused` with nginx's own message. */
  async #try(text: string): Promise<void> {
    const candidate = this.#path('candidate.conf')
    await writeDurable(candidate, text, 0o644)
    const argv = [NGINX, '-t', '-q', '-p', this.#folder, '-c', candidate, '-e', 'stderr']
    const done = await exec({ argv, timeoutMs: 20_000 }).finally(() => rm(candidate, { force: true }))
    if (done.code === 0) return
    throw new Failure('edge.refused', 'nginx refused the new configuration; the old one stays', {
      why: telling(done.tail.replaceAll('candidate.conf', 'nginx.conf')),
      fix: 'correct the domains or ports that it names, then deploy again',
    })
  }

  /** Makes the running workers ask their clients to open new connections, because a reload resets the old ones. */
  async #announce(running: string, signal?: AbortSignal): Promise<void> {
    await this.#admin.send('PUT', `/closing/${running}`)
    await this.#clock.sleep(NOTICE_MS, signal)
  }

  /** Waits until workers of this configuration answer and the old ones take no more connections. */
  async #taken(digest: string): Promise<boolean> {
    const end = this.#clock.now() + TAKEN_WITHIN_MS
    while ((await this.#admin.digest()) !== digest) {
      if (this.#clock.now() > end) return false
      await this.#clock.sleep(20)
    }
    // nginx stops old workers 100 ms after it has started the new ones.
    await this.#clock.sleep(200)
    return true
  }

  /** Removes Lua files of earlier versions, which no configuration names any more. */
  async #dropOldLua(current: string): Promise<void> {
    for (const name of await readdir(this.#path('lua'))) {
      if (name !== current) await removeTree(this.#path('lua', name))
    }
  }
}

const notTaken = (): Failure =>
  new Failure('edge.refused', 'nginx did not take the new configuration over; the old one stays', {
    why: 'no worker with it answered within 30 s of the reload; most often a port that it listens on is taken',
    fix: '`inn logs edge -n 20` says which port; free it, or give the app another',
  })

function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes <= SOCKET_PATH_MAX) return
  throw new Failure('edge.path-too-long', 'the folder of Innkeeper has too long a path', {
    why: `${path} has ${bytes} bytes, and the path of a unix socket may have ${SOCKET_PATH_MAX}`,
    fix: 'set INNKEEPER_HOME to a shorter path',
  })
}

async function luaFiles(): Promise<Array<{ name: string; text: string }>> {
  const names = (await readdir(LUA)).filter(name => name.endsWith('.lua')).sort()
  const files = names.map(async name => ({ name, text: await readFile(join(LUA, name), 'utf8') }))
  return Promise.all([...files, vitalsScript().then(text => ({ name: 'vitals.js', text }))])
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

async function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
