import { list } from '../../kernel/words.ts'
import { sessionsOf } from './affinity.ts'
import { before, processBuild, runScript, siteScript, standIns } from './builds.ts'
import { buildEnv } from './environment.ts'
import type { Facts, HealthRoute, PackageFacts } from './facts.ts'
import { productOf } from './products.ts'
import type { ProposedService, Remarks } from './proposal.ts'
import type { Role } from './role.ts'
import { startOf } from './start.ts'
import { relative } from './tree.ts'

interface Look {
  facts: Facts
  roles: readonly Role[]
  remarks: Remarks
}

/** One entry of `services:`. */
export function serviceOf(role: Role, look: Look): ProposedService {
  const path = `services.${role.name}`
  const at = { ...look, path }
  if (role.kind === 'site') return siteService(role, at)
  const service = role.kind === 'server' ? serverService(role, at) : processService(role, at)
  return service
}

interface At extends Look {
  path: string
}

function base(pkg: PackageFacts, { path, remarks }: At): ProposedService {
  const root = pkg.folder === '.' ? {} : { root: pkg.folder }
  const product = productOf(pkg)
  const node = pkg.node?.value ?? product?.node ?? 24
  if (pkg.node !== null) remarks.say(`${path}.node`, `As ${pkg.node.from} says.`)
  else if (product?.node !== undefined)
    remarks.say(`${path}.node`, `What ${product.name} compiles is not written for a newer one.`)
  if (pkg.lockfile === null && pkg.dependencies.size + pkg.devDependencies.size > 0) {
    remarks.warnings.push(
      `${pkg.folder === '.' ? 'package.json' : `${pkg.folder}/package.json`} has dependencies and no lockfile: run ${pkg.manager} install and commit it, or a deploy refuses to guess versions`,
    )
  }
  if (pkg.rivals.length === 0) return { ...root, node }
  remarks.check(
    `${path}.packageManager`,
    `there are ${list(pkg.rivals)}, which may say other versions: remove the one that is not used.`,
  )
  return { ...root, node, packageManager: pkg.manager }
}

const building = (lines: string[]): Pick<ProposedService, 'build'> =>
  lines.length === 0 ? {} : { build: lines }
const filled = <K extends string, V extends object>(key: K, value: V): Partial<Record<K, V>> =>
  Object.keys(value).length === 0 ? {} : ({ [key]: value } as Record<K, V>)

function processService(role: Extract<Role, { kind: 'process' }>, at: At): ProposedService {
  const { pkg, worker, singleton, script, serves } = role
  const { path, remarks, facts } = at
  const service = base(pkg, at)
  Object.assign(service, building(processBuild(pkg, serves, { facts, path, remarks })))
  for (const { site, pkg: owner } of serves) {
    remarks.check(
      path,
      `${pkg.sources.servesSite!.from} serves the pages of ${site.folder === '.' ? 'the repository' : site.folder}, so they are no service of their own.`,
    )
    if (owner !== pkg || serves.length > 0)
      Object.assign(service, filled('buildEnv', buildEnv(owner, { ...at, path: `${path}.buildEnv` })))
  }
  Object.assign(service, withStandIns(service, pkg, at))
  service.start = role.command ?? startOf(pkg, { path: `${path}.start`, script, remarks })
  const product = productOf(pkg)
  if (role.command !== undefined)
    remarks.check(
      `${path}.start`,
      product === null
        ? `what the script "start" runs (${pkg.scripts['start']}): it must listen on $PORT.`
        : `${product.name} by its own command.`,
    )
  if (worker) service.worker = true
  if (singleton) {
    service.singleton = true
    remarks.say(`${path}.singleton`, 'Two copies of a bot would answer twice, or throw each other out.')
  }
  if (worker) remarks.say(`${path}.worker`, 'It listens on no port.')
  else if (product === null) Object.assign(service, health(pkg, at))
  if (product !== null) Object.assign(service, product.service)
  else persist(service, pkg, at)
  jobs(service, pkg, at)
  affinity(service, pkg, at)
  return service
}

/** Sessions of a library that must come back to the same instance, as soon as there are several. */
function affinity(service: ProposedService, pkg: PackageFacts, { path, remarks }: At): void {
  const by = sessionsOf(pkg.dependencies)
  if (by === null || service.worker || service.singleton) return
  service.affinity = 'cookie'
  remarks.say(`${path}.affinity`, `A client of ${by} must come back to the instance where its session began.`)
}

/** `buildEnv:` with the stand-ins that the build needs. */
function withStandIns(service: ProposedService, pkg: PackageFacts, at: At): Partial<ProposedService> {
  const more = standIns(pkg, at)
  return Object.keys(more).length === 0 ? {} : { buildEnv: { ...service.buildEnv, ...more } }
}

const JOBS = [
  'node-cron',
  'cron',
  'node-schedule',
  'croner',
  'agenda',
  'toad-scheduler',
  '@nestjs/schedule',
  'bree',
]

/** Warns of a job queue in a service. Both colours run during a switch and while one is warm, so jobs could run twice. */
function jobs(service: ProposedService, pkg: PackageFacts, { path, remarks }: At): void {
  const by = JOBS.find(name => pkg.dependencies.has(name))
  if (by === undefined || service.singleton) return
  remarks.check(
    path,
    `${by} runs jobs in this process, and both colours run while one is kept warm: a job is done twice then. Let a lock in the database decide, make the jobs a worker of their own, or say singleton: true.`,
  )
}

function persist(service: ProposedService, pkg: PackageFacts, { path, remarks, facts }: At): void {
  const folders = new Set(pkg.sources.uploads.map(upload => upload.value))
  for (const file of pkg.files) {
    const found = /^((?:public\/)?uploads)\//.exec(relative(pkg.folder, file))
    if (found !== null) folders.add(found[1]!)
  }
  if (folders.size > 0) {
    service.persist = [...folders]
    const from = pkg.sources.uploads[0]?.from
    remarks.say(
      `${path}.persist`,
      `What is written there outlives a release${from === undefined ? '' : ` (${from})`}.`,
    )
  }
  if (!facts.databases.some(d => d.kind === 'sqlite' && d.folder === pkg.folder)) return
  service.singleton = true
  remarks.check(
    `${path}.singleton`,
    'SQLite is one file: two sides cannot write it at once. Put the file into a folder of its own and name that under persist, or it is empty after each deploy.',
  )
}

/** `health:` of a service, with the expected body where it is known: an error page may have the same status. */
function health(pkg: PackageFacts, { path, remarks }: At): Pick<ProposedService, 'health'> {
  const route = pkg.sources.health[0]
  const at = `${path}.health`
  if (route === undefined) {
    remarks.check(
      at,
      'no health route was found, so an open port counts as ready. A route that asks the database would tell more.',
    )
    return {}
  }
  if (route.guessed)
    remarks.check(at, `the path was put together from ${route.file} and where it may be mounted.`)
  else remarks.say(at, `From ${route.file}.`)
  if (route.expect === null)
    remarks.say(
      at,
      'It is believed by its status alone: add what the body says when all is well, because many answer 200 whatever happens.',
    )
  else
    remarks.say(
      at,
      'The body is asked too: a status of 200 is also what a page that catches everything answers.',
    )
  return { health: { path: route.path, ...expectation(route) } }
}

const expectation = ({ expect }: HealthRoute) =>
  expect === null ? {} : { expect: 'text' in expect ? { text: expect.text } : { json: expect } }

function siteService(role: Extract<Role, { kind: 'site' }>, at: At): ProposedService {
  const { pkg, site } = role
  const { path, remarks, facts } = at
  const out = relative(pkg.folder, site.out)
  if (site.tool === 'plain files') {
    remarks.check(
      `${path}.static`,
      site.out === '.'
        ? 'every file of the repository is served: move the pages to a folder of their own.'
        : 'the files as they lie there; nothing is built.',
    )
    return { static: site.out, spa: false }
  }
  // When the pages are built outside of their package, the root of the service is the repository, which holds both.
  const outside = out.startsWith('..')
  const service: ProposedService = outside ? { node: pkg.node?.value ?? 24 } : base(pkg, at)
  const script = siteScript(pkg, site)
  if (script === null) remarks.check(`${path}.static`, 'no script builds it.')
  const run = outside ? `npm --prefix ${pkg.folder} run ${script}` : runScript(pkg.manager, script ?? 'build')
  Object.assign(
    service,
    building([...before(pkg, { facts, path, remarks }), ...(script === null ? [] : [run])]),
  )
  Object.assign(service, filled('buildEnv', buildEnv(pkg, { ...at, path: `${path}.buildEnv` })))
  service.static = outside ? site.out : out
  if (site.tool === 'Next.js' || site.tool === 'Astro' || site.tool === 'SvelteKit') {
    service.spa = false
    remarks.say(`${path}.spa`, 'Each page has a file of its own.')
  }
  if (pkg.sources.servesSite !== null)
    remarks.say(
      `${path}.static`,
      `${pkg.sources.servesSite.from} can serve it too; the edge does it without waking Node.`,
    )
  return service
}

/** What servers of frameworks ask for by names of their own. */
const ENVIRONMENT: Record<string, { env: Record<string, string>; why: string }> = {
  standalone: {
    env: { HOSTNAME: '127.0.0.1' },
    why: 'The standalone server listens on all addresses unless HOSTNAME says where.',
  },
  SvelteKit: {
    env: { PROTOCOL_HEADER: 'x-forwarded-proto', HOST_HEADER: 'x-forwarded-host' },
    why: 'Where its own address is read from: with a wrong one it refuses every form.',
  },
}

function serverService(role: Extract<Role, { kind: 'server' }>, at: At): ProposedService {
  const { pkg, framework } = role
  const { path, remarks, facts } = at
  const service = base(pkg, at)
  const lines = before(pkg, { facts, path, remarks })
  if (pkg.scripts['build'] !== undefined) lines.push(runScript(pkg.manager, 'build'))
  const standalone = framework === 'Next.js' && pkg.next?.output === 'standalone'
  if (standalone) lines.push(...copies(pkg, at))
  Object.assign(
    service,
    building(lines),
    filled('buildEnv', buildEnv(pkg, { ...at, path: `${path}.buildEnv` })),
  )
  Object.assign(service, withStandIns(service, pkg, at))
  service.start = standalone ? `node ${standaloneRoot(pkg)}/server.js` : frameworkStart(pkg, framework)
  const line = pkg.scripts['start']
  const harms = pkg.starts.find(s => s.name === 'start')?.harms ?? []
  if (line !== undefined && line !== service.start)
    remarks.say(
      `${path}.start`,
      `Instead of the script "start" (${line})${harms.length === 0 ? '' : `: ${harms.join('; ')}`}.`,
    )
  const named = standalone ? ENVIRONMENT.standalone : ENVIRONMENT[framework]
  if (named !== undefined) {
    service.env = named.env
    remarks.say(`${path}.env`, named.why)
  }
  Object.assign(service, health(pkg, at))
  persist(service, pkg, at)
  jobs(service, pkg, at)
  affinity(service, pkg, at)
  if (framework === 'SvelteKit' && pkg.sveltekitAdapter === null)
    remarks.warnings.push(
      'SvelteKit needs @sveltejs/adapter-node (or adapter-static) to run outside of a hosting company: install it and name it in svelte.config.js or vite.config',
    )
  return service
}

/** Folder of Next.js' standalone server. In a workspace it is below the package's own path. */
const standaloneRoot = (pkg: PackageFacts): string =>
  pkg.folder === '.' || pkg.lockfile === pkg.folder ? '.next/standalone' : `.next/standalone/${pkg.folder}`

function copies(pkg: PackageFacts, { path, remarks }: At): string[] {
  const to = standaloneRoot(pkg)
  const hasPublic = pkg.files.some(file => relative(pkg.folder, file).startsWith('public/'))
  remarks.say(
    `${path}.build`,
    'A standalone build leaves its static files out; without the copies there is no style and no script.',
  )
  return [`cp -r .next/static ${to}/.next/static`, ...(hasPublic ? [`cp -r public ${to}/public`] : [])]
}

function frameworkStart(pkg: PackageFacts, framework: string): string {
  const kept = pkg.starts
    .find(s => ['remix-serve', 'react-router-serve'].includes(s.process?.[0] ?? ''))
    ?.process?.join(' ')
  switch (framework) {
    case 'Nuxt':
      return 'node .output/server/index.mjs'
    case 'SvelteKit':
      return 'node build/index.js'
    case 'Astro':
      return 'node dist/server/entry.mjs'
    case 'Remix':
      return kept ?? 'remix-serve build/server/index.js'
    case 'React Router':
      return kept ?? 'react-router-serve build/server/index.js'
    default:
      return 'next start -p $PORT -H $HOST'
  }
}
