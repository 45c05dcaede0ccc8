import { type App, currentRelease } from '../../apps/app/app.ts'
import type { KeptSecret } from '../../apps/app/secrets.ts'
import type { Release, ReleaseEnv } from '../../apps/releases/release.ts'
import { isKnown, isSecretName, weakness } from '../../apps/secrets/rule.ts'
import { scanLine } from '../../apps/secrets/scan.ts'
import { isOwn as isSecretOfApp } from '../../apps/secrets/wanted.ts'
import type { AppConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import { covers } from '../../reach/certificates/due.ts'
import type { AppFacts, DatabaseFacts, Program, SecretFact, ServerFacts } from './facts.ts'
import { observeAnswers } from './observe-answers.ts'
import { type Sight, unticked } from './outcome.ts'
import { type Hole, holesIn, lockedPackages, together } from './packages.ts'
import type { SecurityPorts } from './ports.ts'
import { type Address, addressOf } from './urls.ts'

/** What was seen, or why it was not. */
async function sight<T>(look: () => Promise<T>): Promise<Sight<T>> {
  try {
    return { seen: await look() }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { unseen: unticked(error instanceof Failure ? `${text}: ${error.why}` : text) }
  }
}

export async function observeServer(ports: SecurityPorts): Promise<ServerFacts> {
  const [machine, audit, access, files] = await Promise.all([
    sight(ports.machine),
    sight(ports.brokenEntry),
    sight(ports.access),
    sight(ports.readable.server),
  ])
  const walls = { root: ports.walls.root, ports: ports.walls.ports(), mounts: await ports.walls.mounts() }
  return { now: ports.clock.now(), machine, walls, audit, access, files }
}

/** null: no release of it serves. */
export async function observeApp(ports: SecurityPorts, app: App): Promise<AppFacts | null> {
  const id = currentRelease(app)
  const release = id === null ? null : await ports.releases.find(app.name, id)
  if (release === null) return null
  const { config } = release
  const { name } = app
  const env = await ports.releases.env(name, release.id)
  const [kept, firstAt, certificate] = await Promise.all([
    ports.apps.keptSecrets(name),
    ports.releases.firstAt(name),
    ports.edge.certified(name),
  ])
  const addresses = addressesIn(env)
  const [answers, network, programs, files, packages, databases] = await Promise.all([
    observeAnswers(ports, app, config),
    sight(() => ports.network(name)),
    sight(async () => some(await ports.programs(name))),
    sight(async () => (await ports.readable.app(name)) ?? notRoot()),
    observePackages(ports, release),
    observeDatabases(ports, { config, env, addresses }),
  ])
  return {
    ...{ app: name, now: ports.clock.now(), addresses, answers, programs, files, packages, databases },
    still: config.services.every(({ kind }) => kind === 'static'),
    secrets: secretFacts(config, kept, firstAt),
    tls: tlsOf(ports, config, certificate),
    limits: config.rateLimit.map(({ path, rate }) => ({ path, perMinute: perMinute(rate) })),
    network: 'seen' in network && network.seen === null ? null : (network as AppFacts['network']),
  }
}

/** Of an app that does not run nothing can be said. */
function some(programs: readonly Program[]): readonly Program[] {
  if (programs.length > 0) return programs
  throw new Error('nothing of it runs')
}

const notRoot = (): never => {
  throw new Error('all apps run as the user who started Innkeeper, so there are no other users to keep out')
}

const perMinute = (rate: string): number => Number.parseInt(rate, 10) * (rate.endsWith('/s') ? 60 : 1)

/** Each address of a data service once, by the name of its variable. */
function addressesIn(env: ReleaseEnv): Address[] {
  const all = Object.values(env).flatMap(of => Object.entries(of))
  const found = all.flatMap(([name, value]) => addressOf(name, value) ?? [])
  return [...new Map(found.map(one => [`${one.name} ${one.host}`, one])).values()]
}

function secretFacts(
  config: AppConfig,
  kept: Readonly<Record<string, KeptSecret>>,
  firstAt: number,
): SecretFact[] {
  const given = Object.entries(kept)
    .filter(([name, { previous }]) => isSecretOfApp(name) && previous === undefined)
    .map(([name, { value, since, from }]) => ({
      ...{ name, weak: weakness(name, value), written: false, plain: false },
      // What is kept elsewhere gets its new values there.
      since: from === undefined ? (since ?? firstAt) : null,
    }))
  const written = [config.env, ...config.services.flatMap(({ env, buildEnv }) => [env, buildEnv])]
    .flatMap(env => Object.entries(env))
    .flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))
    .map(([name, value]) => ({
      name,
      // A key that is no secret (`TOKEN_TTL: 60`) is short, too: of what is written there only known values are told.
      weak: isSecretName(name) && isKnown(value) ? weakness(name, value) : null,
      written: true,
      plain: scanLine('innkeeper.yaml', `${name}: "${value}"`).length > 0,
      since: null,
    }))
    .filter(({ weak, plain }) => plain || weak !== null)
  return [...new Map([...given, ...written].map(one => [one.name, one])).values()]
}

function tlsOf(
  { edge }: SecurityPorts,
  { domains, tls, trustedProxies }: AppConfig,
  certificate: { names: readonly string[]; hstsFrom: number | null } | null,
): AppFacts['tls'] {
  const names = certificate?.names ?? []
  const own = tls !== false && edge.https
  return {
    by: trustedProxies.length > 0 || edge.proxied ? 'front' : own ? 'edge' : 'nobody',
    domains: domains.map(name => ({ name, covered: covers(names, name.toLowerCase()) })),
    hstsFrom: certificate?.hstsFrom ?? null,
  }
}

/** The databases of PostgreSQL that services of an app ask. */
async function observeDatabases(
  ports: SecurityPorts,
  { config, env, addresses }: { config: AppConfig; env: ReleaseEnv; addresses: readonly Address[] },
): Promise<DatabaseFacts[]> {
  const ours = config.database?.postgres === true
  const names = new Set(addresses.filter(({ what }) => what === 'PostgreSQL').map(({ name }) => name))
  return Promise.all(
    [...names].map(async name => {
      const url = Object.values(env).flatMap(of => of[name] ?? [])[0]!
      const { place } = addresses.find(one => one.name === name)!
      return {
        name,
        ours: ours && /^(?:DIRECT_)?DATABASE_URL$/.test(name),
        host: place,
        role: await sight(() => ports.role(url)),
      }
    }),
  )
}

/** null: it has no packages. */
async function observePackages(
  ports: SecurityPorts,
  { app, id, artifacts, config }: Release,
): Promise<Sight<readonly Hole[]> | null> {
  const places = new Map(
    config.services.map(({ name, root }) => [
      `${artifacts[name] ?? id} ${root}`,
      { release: artifacts[name] ?? id, root },
    ]),
  )
  const found = await sight(async () => {
    const all = await Promise.all(
      [...places.values()].map(({ release, root }) => lockOf(ports, { app, release, root })),
    )
    const locks = all.filter(lock => lock !== null)
    return locks.length === 0 ? null : together(locks)
  })
  if ('unseen' in found) return found
  const installed = found.seen
  if (installed === null) return null
  if (Object.keys(installed).length === 0) return { seen: [] }
  return sight(async () => holesIn(installed, await ports.advisories(installed)))
}

/** The packages of a lockfile beside the service, or at the top; null: nothing is installed there. */
async function lockOf(
  { text, registry }: SecurityPorts,
  { app, release, root }: { app: string; release: string; root: string },
) {
  for (const folder of root === '.' ? ['.'] : [root, '.']) {
    const lock = await text(app, release, `${folder}/package-lock.json`)
    const packages = lock === null ? null : lockedPackages(lock, registry)
    if (packages !== null) return packages
    for (const other of ['pnpm-lock.yaml', 'yarn.lock'])
      if ((await text(app, release, `${folder}/${other}`)) !== null)
        throw new Error(
          `${other} is not read here: ${other.startsWith('p') ? 'pnpm' : 'yarn npm'} audit, in the repository, asks`,
        )
  }
  return null
}
