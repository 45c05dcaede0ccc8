import { posix } from 'node:path'
import type { AppConfig, MigrationTool, ServiceConfig } from '../../config/config.ts'
import type { CrossProblem } from '../../config/problem.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import { didYouMean, unmarked } from '../../kernel/words.ts'
import { toolFiles } from '../databases/migrations.ts'
import { readTemplates } from '../templates/read.ts'
import { FOLDER, type TemplateCheck } from '../templates/template.ts'
import { entryOf, entryThere, scriptOf } from './entry.ts'
import { findInstall } from './install.ts'
import { lacksPage } from './pages.ts'

/**
 * What innkeeper.yaml names and the source lacks. Each of these would fail after an install and a build, or in front of
 * visitors. What a build may still make is not missed here: it is looked for when the build is done.
 */
export async function unfit(
  config: AppConfig,
  source: Source,
  check: TemplateCheck,
): Promise<CrossProblem[]> {
  const problems: CrossProblem[] = []
  const gone = new Set<string>()
  for (const service of config.services) {
    const path = ['services', service.name]
    if (!(await source.has(service.root))) {
      gone.add(service.name)
      problems.push({ path: [...path, 'root'], message: await noFolder(source, service.root) })
      continue
    }
    if (service.start !== undefined)
      problems.push(...(await command(source, service, { path: [...path, 'start'], argv: service.start })))
    problems.push(...(await files(source, config, service)), ...covered(config, service))
    problems.push(...(await lockfiles(source, service)))
  }
  if (config.release !== null && !gone.has(config.release.service)) {
    const service = config.services.find(s => s.name === config.release!.service)!
    const at = { path: ['release', 'command'], argv: config.release.command }
    problems.push(...(await command(source, service, at)))
  }
  return [
    ...problems,
    ...(await ownPages(config, source)),
    ...(await migrations(config, source)),
    ...(await templates(config, source, check)),
  ]
}

async function lockfiles(source: Source, service: ServiceConfig): Promise<CrossProblem[]> {
  try {
    await findInstall(source, service)
    return []
  } catch (error) {
    // The others are told by the install, with their own words.
    if (!(error instanceof Failure && error.code === 'build.lockfiles')) return []
    const message = `${error.message}: ${error.why}. ${unmarked(error.fix)}`
    return [{ path: ['services', service.name, 'packageManager'], message }]
  }
}

/** A start file in a persistent folder would be that of the first release for ever. */
function covered(config: AppConfig, { name, root, start }: ServiceConfig): CrossProblem[] {
  const entry = start === undefined ? null : entryOf(start)
  if (entry === null) return []
  const at = posix.join(root, entry)
  return config.services.flatMap(service =>
    service.persist.flatMap((folder, n) =>
      at.startsWith(`${posix.join(service.root, folder)}/`)
        ? [
            {
              path: ['services', service.name, 'persist', String(n)],
              message: `"${folder}" holds ${entry}, which ${name} starts: all releases would run that of the first. Name a folder in it`,
            },
          ]
        : [],
    ),
  )
}

/** Pages of the app's own for when it is down: one that is missing would be missed just then. */
async function ownPages({ errorPages }: AppConfig, source: Source): Promise<CrossProblem[]> {
  const problems: CrossProblem[] = []
  for (const [status, file] of Object.entries(errorPages)) {
    if (await source.has(file)) continue
    const names = (await source.names(posix.dirname(file)).catch(() => null)) ?? []
    const near = didYouMean(posix.basename(file), names)
    const hint = near === null ? '' : `: did you mean ${posix.join(posix.dirname(file), near)}?`
    problems.push({ path: ['errorPages', status], message: `there is no file ${file} in the source${hint}` })
  }
  return problems
}

/** A template that cannot be read would fail with the first message, which somebody waits for. */
async function templates(
  { messages }: AppConfig,
  source: Source,
  check: TemplateCheck,
): Promise<CrossProblem[]> {
  if (messages === undefined) return []
  const files = await readTemplates(source)
  if (Object.keys(files).length === 0)
    return [{ path: ['messages'], message: `there is no template in ${FOLDER}/: add ${FOLDER}/welcome.html` }]
  return (await check(files)).map(({ file, line, message }) => ({
    path: ['messages'],
    message: `${FOLDER}/${file}${line === null ? '' : ` line ${line}`}: ${message}`,
  }))
}

async function noFolder(source: Source, folder: string): Promise<string> {
  const names = (await source.names(posix.dirname(folder)).catch(() => null)) ?? []
  const near = didYouMean(posix.basename(folder), names)
  const hint = near === null ? '' : `: did you mean ${posix.join(posix.dirname(folder), near)}?`
  return `there is no folder ${folder} in the source${hint}`
}

/** A command whose file or script the source lacks, and no build could make. */
async function command(
  source: Source,
  service: ServiceConfig,
  { path, argv }: { path: string[]; argv: readonly string[] },
): Promise<CrossProblem[]> {
  const script = scriptOf(argv)
  if (script !== null) {
    const scripts = await scriptsIn(source, service.root)
    if (scripts === null || script in scripts) return []
    const near = didYouMean(script, Object.keys(scripts))
    const hint = near === null ? '' : `: did you mean ${near}?`
    return [{ path, message: `package.json has no script "${script}"${hint}` }]
  }
  const entry = entryOf(argv)
  if (entry === null || (await builds(source, service))) return []
  if (await entryThere(source, posix.join(service.root, entry))) return []
  const names = (await source.names(posix.join(service.root, posix.dirname(entry))).catch(() => null)) ?? []
  const near = didYouMean(posix.basename(entry), names)
  const hint = near === null ? '' : `: did you mean ${posix.join(posix.dirname(entry), near)}?`
  return [
    {
      path,
      message: `there is no file ${posix.join(service.root, entry)} in the source, and no build that would make it${hint}`,
    },
  ]
}

/** Static files that nothing builds and the source lacks. */
async function files(source: Source, config: AppConfig, service: ServiceConfig): Promise<CrossProblem[]> {
  if (service.static === undefined || (await builds(source, service))) return []
  const message = await lacksPage(source, config, service)
  return message === null ? [] : [{ path: ['services', service.name, 'static'], message }]
}

/** Whether something runs before the start that may make files: a build, an install of one's own, a script of package.json. */
async function builds(source: Source, service: ServiceConfig): Promise<boolean> {
  if (service.build.length > 0 || Array.isArray(service.install)) return true
  const scripts = (await scriptsIn(source, service.root)) ?? {}
  return (
    service.install === undefined &&
    ['preinstall', 'install', 'postinstall', 'prepare'].some(name => name in scripts)
  )
}

/** Scripts of a folder's package.json; null: it has none that can be read. */
async function scriptsIn(source: Source, root: string): Promise<Record<string, unknown> | null> {
  try {
    const text = await source.text(posix.join(root, 'package.json'))
    if (text === null) return null
    return (JSON.parse(text) as { scripts?: Record<string, unknown> }).scripts ?? {}
  } catch {
    return null // The install says what is wrong with it.
  }
}

/** Folders that builds write into: migrations in one of them are looked for after the build. */
const BUILT = /(?:^|\/)(?:dist|build|out|lib|output|\.[\w-]+)(?:\/|$)/

async function migrations({ migrations, release }: AppConfig, source: Source): Promise<CrossProblem[]> {
  const { tool, folder } = migrations || {}
  if (tool === undefined || folder === undefined) return []
  const path = ['migrations', 'folder']
  const there = await source.has(folder)
  if (!there && BUILT.test(folder)) return []
  if (!there) return [{ path, message: await noFolder(source, folder) }]
  const own = await toolFiles({
    tool,
    folder,
    roots: ['.'],
    config: { release, migrations: { tool, folder } },
    source,
  }).catch(() => [])
  if (own.length > 0) return []
  return [{ path, message: `${folder} has no migration in the form of ${tool}: ${FORMS[tool]}` }]
}

const FORMS: Record<MigrationTool, string> = {
  prisma: 'a folder for each, with migration.sql in it (`prisma migrate dev` makes one)',
  drizzle: 'meta/_journal.json and the files that it lists (`drizzle-kit generate` makes them)',
  knex: 'a file of JavaScript or TypeScript for each',
  'node-pg-migrate': 'a file for each whose name begins with digits',
  'graphile-migrate': 'committed/000001.sql and so on',
  dbmate: 'a file for each as 20260101120000_name.sql',
  sequelize: 'a file of JavaScript or TypeScript for each',
  typeorm: 'a file for each as 1767225600000-Name.ts',
  'mikro-orm': 'a file for each as Migration20260101120000.ts',
  kysely: 'a file of JavaScript or TypeScript for each',
  sql: 'a file for each as 001_name.sql',
}
