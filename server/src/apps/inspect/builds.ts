import type { Facts, Manager, PackageFacts, SiteFacts } from './facts.ts'
import type { Remarks } from './proposal.ts'
import { wayTo } from './roles.ts'
import { unfold } from './scripts.ts'
import { compiles } from './start.ts'
import { nameOf, relative } from './tree.ts'

const FRONT = /\b(?:vite build|react-scripts build|ng build|next build|astro build|webpack|gatsby build)\b/

export const runScript = (manager: Manager, name: string): string => `${manager} run ${name}`

/** The command that runs a script of another package of the repository, from the folder of `from`. */
function runElsewhere(from: PackageFacts, to: PackageFacts, script: string): string {
  if (to.lockfile !== null && to.lockfile === from.lockfile && to.name !== '') {
    if (to.manager === 'pnpm') return `pnpm --filter ${to.name} run ${script}`
    if (to.manager === 'yarn') return `yarn workspace ${to.name} run ${script}`
  }
  return `npm --prefix ${wayTo(from, to)} run ${script}`
}

interface Look {
  facts: Facts
  /** services.api */
  path: string
  remarks: Remarks
}

/** Commands before a package's own build: the builds of repository packages that it uses, and Prisma's client. */
export function before(pkg: PackageFacts, { facts, path, remarks }: Look): string[] {
  const lines: string[] = []
  const inner = pkg.internal.flatMap(name => facts.packages.find(p => p.name === name) ?? [])
  for (const owner of [...inner, pkg]) {
    const generate = prismaGenerate(owner, pkg, facts)
    if (generate !== null) lines.push(generate)
    if (owner !== pkg && owner.scripts['build'] !== undefined) lines.push(runElsewhere(pkg, owner, 'build'))
  }
  if (inner.length > 0 && lines.length > 0)
    remarks.say(
      `${path}.build`,
      `First what it needs of this repository: ${inner.map(p => p.name).join(', ')}.`,
    )
  return lines
}

function prismaGenerate(owner: PackageFacts, from: PackageFacts, facts: Facts): string | null {
  const prisma = facts.migrations.find(m => m.kind === 'prisma' && m.folder === owner.folder)
  if (prisma === undefined) return null
  const done = ['postinstall', 'prepare', 'prebuild', 'build'].some(name =>
    /prisma generate/.test(unfold(owner.scripts[name] ?? '', owner.scripts)),
  )
  if (done) return null
  if (owner === from)
    return usual(prisma.config, owner.folder)
      ? 'prisma generate'
      : `prisma generate ${schemaFlag(prisma.config!)} ${relative(owner.folder, prisma.config!)}`
  const script = Object.keys(owner.scripts).find(name => /prisma generate/.test(owner.scripts[name]!))
  if (script !== undefined) return runElsewhere(from, owner, script)
  return owner.manager === 'pnpm'
    ? `pnpm --filter ${owner.name} exec prisma generate`
    : `prisma generate ${schemaFlag(prisma.config!)} ${relative(from.folder, prisma.config!)}`
}

/** How a command of prisma is told of its schema, or of its configuration, which names the schema. */
export const schemaFlag = (file: string): string => (file.endsWith('.prisma') ? '--schema' : '--config')

const usual = (schema: string | null, folder: string): boolean =>
  schema === null ||
  /^(?:(?:prisma\/)?schema\.prisma|prisma\.config\.[cm]?[jt]s)$/.test(relative(folder, schema))

/** Stand-ins for what the configuration of prisma asks for whenever it is loaded: a build has no database. */
export function standIns(pkg: PackageFacts, { facts, path, remarks }: Look): Record<string, string> {
  const owners = [
    pkg.folder,
    ...pkg.internal.flatMap(name => facts.packages.find(p => p.name === name)?.folder ?? []),
  ]
  const asking = facts.migrations.filter(m => m.asks.length > 0 && owners.includes(m.folder))
  const names = [...new Set(asking.flatMap(m => m.asks))]
  for (const name of names)
    remarks.say(
      `${path}.buildEnv.${name}`,
      `${asking[0]!.config} asks for it whenever it is loaded, and a build has no database: nothing connects to this.`,
    )
  return Object.fromEntries(names.map(name => [name, 'postgresql://nobody@127.0.0.1:1/none']))
}

/** The build of a program, with the builds of the pages that it serves. */
export function processBuild(
  pkg: PackageFacts,
  serves: ReadonlyArray<{ pkg: PackageFacts; site: SiteFacts }>,
  look: Look,
): string[] {
  const { path, remarks } = look
  const own = ownBuild(pkg, serves.length === 0 && pkg.sites.length > 0)
  const lines = before(pkg, look)
  for (const site of serves)
    lines.push(...servedBuild(pkg, site, own === null ? '' : unfold(pkg.scripts[own]!, pkg.scripts)))
  if (own !== null) {
    lines.push(runScript(pkg.manager, own))
    const line = unfold(pkg.scripts[own]!, pkg.scripts)
    if (/migrate|db push|drizzle-kit push/.test(line))
      remarks.check(
        `${path}.build`,
        `the script "${own}" touches the database (${pkg.scripts[own]}): a build has none. Take that part out of it.`,
      )
  } else if (needsCompiling(pkg)) {
    lines.push('tsc -p tsconfig.json')
    remarks.check(`${path}.build`, 'no script builds it: this compiles the TypeScript.')
  }
  return lines
}

const needsCompiling = (pkg: PackageFacts): boolean =>
  pkg.typescript?.outDir != null &&
  pkg.starts.some(s =>
    s.process?.some(word => word.replace(/^\.\//, '').startsWith(`${pkg.typescript!.outDir}/`)),
  )

/** The build script of a program. `apart`: its pages have a build of their own, so the script should leave them out. */
function ownBuild(pkg: PackageFacts, apart: boolean): string | null {
  const names = Object.keys(pkg.scripts).filter(name =>
    /^build(?::(?:server|api|backend|prod|production))?$/.test(name),
  )
  if (!apart) return names.includes('build') ? 'build' : (names[0] ?? null)
  const whole = (name: string) => unfold(pkg.scripts[name]!, pkg.scripts)
  return names.find(name => !FRONT.test(whole(name))) ?? (compiles(pkg) ? (names[0] ?? null) : null)
}

function servedBuild(
  from: PackageFacts,
  { pkg, site }: { pkg: PackageFacts; site: SiteFacts },
  line: string,
): string[] {
  if (pkg === from)
    return FRONT.test(line)
      ? []
      : [siteScript(pkg, site)].flatMap(name => (name === null ? [] : [runScript(pkg.manager, name)]))
  if (new RegExp(`\\b${nameOf(pkg.folder)}\\b`).test(line)) return []
  const script = siteScript(pkg, site) ?? 'build'
  if (pkg.lockfile === from.lockfile) return [runElsewhere(from, pkg, script)]
  return [installElsewhere(from, pkg), `${pkg.manager} ${at(pkg.manager)} ${wayTo(from, pkg)} run ${script}`]
}

const at = (manager: Manager): string => ({ npm: '--prefix', pnpm: '--dir', yarn: '--cwd' })[manager]

function installElsewhere(from: PackageFacts, to: PackageFacts): string {
  const way = wayTo(from, to)
  if (to.manager === 'npm') return `npm --prefix ${way} ${to.lockfile === null ? 'install' : 'ci'}`
  return `${to.manager} ${at(to.manager)} ${way} install --frozen-lockfile`
}

/** The script that builds pages: one that names their folder, one named after them, or simply `build`. */
export function siteScript(pkg: PackageFacts, site: SiteFacts): string | null {
  const names = Object.keys(pkg.scripts).filter(
    name => FRONT.test(pkg.scripts[name]!) && !/--watch/.test(pkg.scripts[name]!),
  )
  const way = relative(pkg.folder, site.folder)
  const ofFolder = way === '.' ? undefined : names.find(name => pkg.scripts[name]!.split(/\s+/).includes(way))
  const byName = names.find(name => /^build:(?:web|client|frontend|site|ui|app)$/.test(name))
  return (
    ofFolder ??
    (names.includes('build')
      ? 'build'
      : (byName ??
        names.find(name => name.startsWith('build')) ??
        (pkg.scripts['build'] === undefined ? null : 'build')))
  )
}
