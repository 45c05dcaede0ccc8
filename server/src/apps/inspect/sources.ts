import { alive } from './dead.ts'
import type { Found, SourceFacts, SourceFile } from './facts.ts'
import { healthRoutes } from './health.ts'
import { portInCode } from './port.ts'
import { folderOf, join, nameOf } from './tree.ts'
import { envUses } from './variables.ts'

/** Configuration of tools. That of the app itself, such as src/database.config.ts, is one of its sources. */
const TOOL_CONFIG =
  /(?:^|\/)(?:vite|vitest|next|nuxt|svelte|astro|react-router|remix|tailwind|postcss|jest|playwright|cypress|webpack|rollup|eslint|prettier|babel|tsup|tsdown|esbuild|drizzle|prisma|metro|commitlint|lint-staged|stylelint|release|ecosystem|sentry|orval|codegen|graphql|nodemon|swc|unbuild|uno|windi|quasar|vue|craco|karma|wdio|turbo|nx|lerna)[\w.-]*\.config\.[cm]?[jt]s$/

/** Whether the text of a file says what the program does: not for tests, types, bundles and examples. */
export const isSource = (path: string): boolean =>
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/.test(path) &&
  !/\.d\.[cm]?ts$|\.min\.js$|\.(?:test|spec|e2e-spec|stories)\.[cm]?[jt]sx?$/.test(path) &&
  !TOOL_CONFIG.test(path) &&
  !/(?:^|\/)(?:tests?|__tests__|__mocks__|e2e|cypress|playwright|fixtures|examples?|variants|docs|scripts|stories)\//.test(
    path,
  )

const BROWSER = /(?:^|\/)(?:client|frontend|web|public|components|pages|views)\//

/** What the sources of one package do, guessed by patterns: the result is a proposal, and a person decides. */
export function sourceFacts(
  all: readonly SourceFile[],
  configs: readonly SourceFile[],
  folder: string,
): SourceFacts {
  const files = alive(all)
  const server = files.filter(file => !/\.(?:vue|svelte|astro)$/.test(file.path))
  const every: Every = pattern => server.flatMap(file => [...file.text.matchAll(pattern)])
  const globalPrefix = every(/setGlobalPrefix\(\s*['"`]\/?([\w/-]+)/g)[0]?.[1] ?? null
  const proxies = configs.flatMap(proxyOf)
  const proxied = proxies.map(proxy => proxy.prefix)
  return {
    listens: server.some(file =>
      /\.listen\s*\(|\bcreateServer\s*\(|@hono\/node-server|NestFactory\.create\b|\.httpServer\(\)/.test(
        file.text,
      ),
    ),
    prefixes: prefixesOf(every, globalPrefix),
    proxied: [...new Set(proxied)],
    stripped: proxies.filter(proxy => proxy.stripped).map(proxy => proxy.prefix),
    globalPrefix,
    servesSite: servesSite(server),
    uploads: uploadsOf(server, folder),
    env: envUses(files),
    health: healthRoutes(server, globalPrefix),
    fixedPort: server.map(portInCode).find(found => found !== null) ?? null,
  }
}

type Every = (pattern: RegExp) => RegExpMatchArray[]

/** First segments of the paths that a server answers, from its calls on app, server or fastify. */
function prefixesOf(every: Every, globalPrefix: string | null): string[] {
  const mounts = every(
    /\b(?:app|server|fastify|api|instance|httpServer)\.(?:use|route|register|all|get|post|put|delete|patch)\(\s*\[?\s*['"`](\/[\w.-]+)/g,
  ).map(match => match[1]!)
  // A list of paths in one call: app.use(['/api', '/health'], …)
  const lists = every(/\b(?:app|server|fastify)\.(?:use|all)\(\s*\[([^\]]+)\]/g).flatMap(match =>
    [...match[1]!.matchAll(/['"`](\/[\w.-]+)/g)].map(inner => inner[1]!),
  )
  const options = every(/\bprefix:\s*['"`](\/[\w-]+)/g).map(match => match[1]!)
  const sockets = every(
    /\b(?:path:\s*|pathname\s*[!=]==?\s*)['"`](\/(?:ws|socket|sockets|live|realtime|graphql)\b[\w-]*)['"`]/g,
  ).map(match => match[1]!)
  const own = globalPrefix === null ? mounts : [`/${globalPrefix.split('/')[0]}`]
  return [...new Set([...own, ...lists, ...options, ...sockets])]
}

function servesSite(files: readonly SourceFile[]): Found<true> | null {
  const one = files.find(
    file =>
      /express\.static|serveStatic|fastify[-/]static|fastifyStatic|koa-static|koa-send|ServeStaticModule|sirv\(/.test(
        file.text,
      ) && /index\.html|ServeStaticModule|(?:dist|build|client|frontend)['"`/]/.test(file.text),
  )
  return one === undefined ? null : { value: true, from: one.path }
}

const UPLOADS =
  /(?:dest|destination|folder|dir(?:ectory)?)?['"]?\s*[:(=,]?\s*['"`]((?:\.{1,2}\/)*(?:[\w.-]+\/)*uploads)\/?['"`]/gi

/** Folders for uploads of visitors. A path with a leading slash is a URL path and not a folder. */
function uploadsOf(files: readonly SourceFile[], folder: string): Found<string>[] {
  const found = new Map<string, string>()
  const add = (path: string, from: string) => {
    const inside = path === '.' ? '.' : path
    if (inside !== '.' && !found.has(inside)) found.set(inside, from)
  }
  for (const { path, text } of files) {
    if (BROWSER.test(path) && !/multer|writeFile|mkdir/.test(text)) continue
    for (const match of text.matchAll(UPLOADS)) {
      const value = match[1]!
      // A path that begins with `..` is relative to its source file, any other to the working directory.
      const climbs = value.startsWith('..')
      const base = climbs ? folderOf(path).slice(folder === '.' ? 0 : folder.length + 1) : ''
      add(climbs ? trimmed(join(base, value)) : join(value), path)
    }
    const dest = /multer\(\s*\{\s*dest:\s*['"`](?:\.\/)?([\w./-]+?)\/?['"`]/.exec(text)
    if (dest !== null && !dest[1]!.startsWith('/')) add(join(dest[1]!), path)
    // The session of a chat bot is kept: without it, the bot must be paired by hand again.
    const session = /\b(?:dataPath:|useMultiFileAuthState\()\s*['"`](?:\.\/)?([\w.-]+)\/?['"`]/.exec(
      text,
    )?.[1]
    if (session !== undefined) add(session, path)
    else if (/new LocalAuth\(/.test(text)) add('.wwebjs_auth', path)
  }
  return [...found].map(([value, from]) => ({ value, from }))
}

/** Removes src/, dist/ or build/: a source in src/ runs from dist/, and `..` leads from both to the same folder. */
const trimmed = (path: string): string => path.replace(/^(?:src|dist|build)\//, '')

/** The prefixes of a development proxy: vite.config, next rewrites, setupProxy, proxy.conf.json. */
function proxyOf({ path, text }: SourceFile): Array<{ prefix: string; stripped: boolean }> {
  const at = /setupProxy|proxy\.conf/.test(nameOf(path)) ? 0 : text.search(/\bproxy['"]?\s*:/)
  if (at < 0) return []
  const body = text.slice(at, at + 4_000)
  return [...body.matchAll(/['"`]\^?(\/[\w.-]+(?:\/[\w.-]+)*)(?:\/?\*{0,2})?['"`]\s*(?::|,)/g)].map(match => {
    const next = body.slice(match.index, match.index + 300)
    const stripped = /rewrite\s*:[^\n]*replace\(\s*(?:\/\^|['"`]\/)|pathRewrite/.test(
      next.split(/\n\s*['"`]\//)[0] ?? '',
    )
    return { prefix: match[1]!, stripped }
  })
}
