import { posix } from 'node:path'
import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import { list } from '../../kernel/words.ts'

const folderOf = ({ root, static: files }: ServiceConfig): string => posix.join(root, files!)

const prefixesOf = ({ routes }: Pick<AppConfig, 'routes'>, { name }: ServiceConfig): string[] =>
  routes.filter(route => route.service === name).map(route => route.prefix)

/** Whether the first page of the app comes from this service. Below a prefix it may have files alone. */
const isFirst = (config: Pick<AppConfig, 'routes'>, service: ServiceConfig): boolean =>
  prefixesOf(config, service).includes('/')

/** Whether the edge finds a page where a route of the service begins. Some builds write the prefix as a folder, too. */
async function hasPage(
  source: Source,
  config: Pick<AppConfig, 'routes'>,
  service: ServiceConfig,
): Promise<boolean> {
  for (const prefix of ['/', ...prefixesOf(config, service)])
    if (await source.has(posix.join(folderOf(service), prefix, 'index.html'))) return true
  return false
}

/** What of a static service is missing before anything is built that could make it, as a sentence; null: nothing. */
export async function lacksPage(
  source: Source,
  config: Pick<AppConfig, 'routes'>,
  service: ServiceConfig,
): Promise<string | null> {
  const folder = folderOf(service)
  if (!(await source.has(folder))) return `there is no folder ${folder}, and no build that would make it`
  if (!isFirst(config, service) || (await hasPage(source, config, service))) return null
  const pages = await pagesBelow(source, folder)
  const there = pages.length === 0 ? '' : `; there is ${list(pages)}`
  return `there is no index.html in ${folder}, and no build that would make it${there}`
}

/**
 * Looks at what the build of a static service left. Returns what a person should know of it; null: nothing. Failure
 * `build.no-files`: visitors of its first page would get 404.
 */
export async function checkPages(
  source: Source,
  config: Pick<AppConfig, 'routes'>,
  service: ServiceConfig,
): Promise<string | null> {
  const folder = folderOf(service)
  const names = (await source.names(folder).catch(() => null)) ?? []
  if (names.length > 0 && (await hasPage(source, config, service))) return null
  const pages = await pagesBelow(source, folder)
  if (names.length > 0 && !isFirst(config, service))
    return pages.length === 0
      ? null
      : `there is no index.html in ${folder}: ${list(prefixesOf(config, service))} itself answers 404; there is ${list(pages)}`
  const deeper = pages.find(page => posix.basename(page) === 'index.html')
  throw new Failure('build.no-files', `the build of ${service.name} left no page to begin with`, {
    why:
      names.length === 0
        ? `${folder} is not there after the build, or empty`
        : `there is no index.html in ${folder} after the build${pages.length === 0 ? '' : `; there is ${list(pages)}`}`,
    fix:
      deeper !== undefined
        ? `services.${service.name}.static: ${posix.relative(service.root, posix.dirname(deeper))}`
        : pages.length > 0
          ? 'name the first page index.html, or let another service have / in routes:'
          : 'correct static: in innkeeper.yaml to the folder that the build writes, or add the build command; a service of files without a page belongs below a prefix in routes:',
    facts: { pages },
  })
}

const MOST_SHOWN = 5
const MOST_LOOKED_AT = 2_000
const DEEPEST = 4

/** Some of the .html files in a folder and below it, the highest first. */
async function pagesBelow(source: Source, top: string): Promise<string[]> {
  const found: string[] = []
  let level = [top]
  let seen = 0
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = []
    for (const folder of level) {
      const names = (await source.names(folder).catch(() => null)) ?? []
      seen += names.length
      if (seen > MOST_LOOKED_AT) return found.slice(0, MOST_SHOWN)
      for (const name of names.toSorted()) {
        if (/\.html?$/.test(name)) found.push(posix.join(folder, name))
        else if (!name.includes('.') && name !== 'node_modules') next.push(posix.join(folder, name))
      }
    }
    level = next
  }
  return found.slice(0, MOST_SHOWN)
}
