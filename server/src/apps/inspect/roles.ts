import { withForeign } from './elsewhere/join.ts'
import type { Facts, PackageFacts, SiteFacts } from './facts.ts'
import { productOf } from './products.ts'
import type { Role, Unnamed } from './role.ts'
import { extraName, extraScripts, unfold } from './scripts.ts'
import { join, nameOf, relative } from './tree.ts'

/** Packages → services. A package may become several services; a frontend that a server serves becomes none. */
export function rolesOf(facts: Facts): Role[] {
  const found = facts.packages.flatMap(pkg => packageRoles(pkg))
  const any = found.length === 0 ? facts.packages.flatMap(anyStart) : []
  const plain = found.length + any.length === 0 ? plainSite(facts) : []
  return named(withForeign(absorb([...found, ...any, ...plain]), facts))
}

const process = (pkg: PackageFacts, command: string): Unnamed => ({
  kind: 'process',
  as: 'web',
  pkg,
  worker: false,
  singleton: false,
  script: null,
  command,
  serves: [],
})

/** Nothing is known, but there is a script `start`: what it runs is taken as it is, for a person to look at. */
function anyStart(pkg: PackageFacts): Unnamed[] {
  const start = pkg.starts.find(script => script.name === 'start')
  if (start === undefined || start.harms.some(harm => /development server|file server|containers/.test(harm)))
    return []
  const line = unfold(start.line, pkg.scripts).trim()
  const bare = line.replace(/^(?:cross-env\s+|npx\s+|[A-Z_]+=\S+\s+)+/, '')
  return [process(pkg, /[&|;<>`"']/.test(bare) ? `${pkg.manager} run start` : bare)]
}

function packageRoles(pkg: PackageFacts): Unnamed[] {
  const product = productOf(pkg)
  if (product !== null) return [process(pkg, product.start)]
  const roles: Unnamed[] = []
  const custom =
    pkg.starts.find(s => s.process !== null && s.process[0] === 'node' && pkg.sources.listens) ?? null
  const framework = serverFramework(pkg)
  if (framework !== null && custom === null) roles.push({ kind: 'server', as: 'web', pkg, framework })
  else if (isProcess(pkg)) {
    const bot = pkg.bots.length > 0
    const worker = !pkg.sources.listens && (bot || pkg.queues.length > 0 || pkg.backends.length === 0)
    const as = bot ? 'bot' : worker ? 'worker' : 'api'
    roles.push({ kind: 'process', as, pkg, worker, singleton: bot, script: null, serves: [] })
  }
  if (framework === null) for (const site of sites(pkg)) roles.push({ kind: 'site', as: 'web', pkg, site })
  const main = pkg.starts.find(s => s.process !== null)?.process?.join(' ')
  for (const script of extraScripts(pkg.scripts)) {
    if (script.process!.join(' ') !== main)
      roles.push({
        kind: 'process',
        as: extraName(script),
        pkg,
        worker: true,
        singleton: extraName(script) === 'bot',
        script,
        serves: [],
      })
  }
  return roles
}

function serverFramework(pkg: PackageFacts): string | null {
  if (pkg.next !== null) return pkg.next.output === 'export' ? null : 'Next.js'
  if (pkg.astro !== null) return pkg.astro === 'server' ? 'Astro' : null
  const all = ['Nuxt', 'SvelteKit', 'React Router', 'Remix']
  const name = pkg.frontends.find(frontend => all.includes(frontend)) ?? null
  return name === 'SvelteKit' && pkg.sveltekitAdapter === '@sveltejs/adapter-static' ? null : name
}

/** The static sites of a package. A framework that can also be a server is one only when its configuration says so. */
function sites(pkg: PackageFacts): SiteFacts[] {
  const at = (tool: string, out: string): SiteFacts[] => [
    { folder: pkg.folder, tool, out: join(pkg.folder, out) },
  ]
  if (pkg.next?.output === 'export') return at('Next.js', 'out')
  if (pkg.astro === 'static') return at('Astro', 'dist')
  if (pkg.sveltekitAdapter === '@sveltejs/adapter-static') return at('SvelteKit', 'build')
  return pkg.sites
}

function isProcess(pkg: PackageFacts): boolean {
  const starts = pkg.starts.some(script => script.process !== null)
  if (pkg.sources.listens && (pkg.backends.length > 0 || starts || pkg.folder === '.' || pkg.main !== null))
    return true
  return (
    pkg.bots.length > 0 || (starts && (pkg.backends.length + pkg.queues.length > 0 || pkg.sites.length === 0))
  )
}

const builds = (pkg: PackageFacts, pattern: RegExp): string[] =>
  Object.keys(pkg.scripts).filter(
    name => /build/.test(name) && pattern.test(unfold(pkg.scripts[name]!, pkg.scripts)),
  )

/**
 * A server that serves built pages takes them into its own service. Except when the pages have a build of their own and
 * the development proxy says which paths the server answers: then the edge serves the files, to spare the server.
 */
function absorb(roles: readonly Unnamed[]): Unnamed[] {
  const server = roles.find(
    role => role.kind === 'process' && !role.worker && role.pkg.sources.servesSite !== null,
  )
  if (server?.kind !== 'process') return [...roles]
  const taken = roles.filter(
    role => role.kind === 'site' && !(role.pkg === server.pkg && standsAlone(role.pkg)),
  )
  const serves = taken.flatMap(role => (role.kind === 'site' ? [{ pkg: role.pkg, site: role.site }] : []))
  return roles
    .filter(role => !taken.includes(role))
    .map(role => (role === server ? { ...server, serves } : role))
}

function standsAlone(pkg: PackageFacts): boolean {
  const own = builds(pkg, /\bvite build\b|\breact-scripts build\b|\bng build\b/)
  const compile = builds(pkg, /\b(?:tsc|tsup|esbuild|nest|swc|rollup)\b/)
  return pkg.sources.proxied.length > 0 && own.some(name => !compile.includes(name))
}

/** No package at all: the shallowest index.html is a site. */
function plainSite(facts: Facts): Unnamed[] {
  const pkg = facts.packages.find(p => p.folder === '.')
  const page = pkg?.files
    .filter(path => nameOf(path) === 'index.html')
    .sort((a, b) => a.split('/').length - b.split('/').length)[0]
  if (pkg === undefined || page === undefined) return []
  const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/')) : '.'
  return [{ kind: 'site', as: 'web', pkg, site: { folder, out: folder, tool: 'plain files' } }]
}

/** A service is named after its folder, as people name it; a service in the root is named after what it does. */
function named(roles: readonly Unnamed[]): Role[] {
  const taken = new Set<string>()
  return roles.map(({ as, ...role }) => {
    const extra = role.kind === 'process' && role.script !== null
    const wished =
      role.pkg.folder === '.' || extra
        ? as === 'api' && roles.length === 1
          ? 'web'
          : validName(as)
        : validName(nameOf(role.pkg.folder))
    let name = wished
    for (let n = 2; taken.has(name); n++)
      name = `${n === 2 && !wished.includes(as) ? `${wished}-${as}` : `${wished}-${n}`}`
        .slice(-30)
        .replace(/^[^a-z]+/, 'a')
    taken.add(name)
    return { ...role, name } as Role
  })
}

/** Makes any text a service name that innkeeper.yaml accepts. */
export function validName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30)
    .replace(/-+$/, '')
  return name === '' ? 'app' : name
}

/** The relative path from the folder of one package to that of another, for `--prefix`. */
export const wayTo = (from: PackageFacts, to: PackageFacts): string => relative(from.folder, to.folder)
