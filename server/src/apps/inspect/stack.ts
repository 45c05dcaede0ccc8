import type { SiteFacts, SourceFile } from './facts.ts'
import { folderOf, join, nameOf } from './tree.ts'

const BACKENDS: ReadonlyArray<[string, string]> = [
  ['@nestjs/core', 'NestJS'],
  ['express', 'Express'],
  ['fastify', 'Fastify'],
  ['koa', 'Koa'],
  ['@hapi/hapi', 'Hapi'],
  ['hono', 'Hono'],
  ['@adonisjs/core', 'AdonisJS'],
  ['@feathersjs/koa', 'Feathers'],
  ['polka', 'Polka'],
  ['restify', 'Restify'],
  ['apollo-server', 'Apollo'],
  ['@apollo/server', 'Apollo'],
  ['graphql-yoga', 'GraphQL Yoga'],
  ['socket.io', 'Socket.IO'],
  ['ws', 'ws'],
]

const BOTS: ReadonlyArray<[string, string]> = [
  ['telegraf', 'Telegram (telegraf)'],
  ['grammy', 'Telegram (grammY)'],
  ['node-telegram-bot-api', 'Telegram (node-telegram-bot-api)'],
  ['whatsapp-web.js', 'WhatsApp (whatsapp-web.js)'],
  ['@whiskeysockets/baileys', 'WhatsApp (baileys)'],
  ['discord.js', 'Discord (discord.js)'],
  ['@slack/bolt', 'Slack (bolt)'],
]

const QUEUES: ReadonlyArray<[string, string]> = [
  ['bullmq', 'BullMQ'],
  ['bull', 'Bull'],
  ['bee-queue', 'Bee-Queue'],
  ['pg-boss', 'pg-boss'],
  ['graphile-worker', 'Graphile Worker'],
  ['agenda', 'Agenda'],
]

const FRONTENDS: ReadonlyArray<[string, string]> = [
  ['next', 'Next.js'],
  ['nuxt', 'Nuxt'],
  ['@sveltejs/kit', 'SvelteKit'],
  ['astro', 'Astro'],
  ['@react-router/dev', 'React Router'],
  ['@remix-run/dev', 'Remix'],
  ['react-scripts', 'Create React App'],
  ['@angular/core', 'Angular'],
  ['gatsby', 'Gatsby'],
  ['react', 'React'],
  ['vue', 'Vue'],
  ['svelte', 'Svelte'],
  ['solid-js', 'Solid'],
  ['preact', 'Preact'],
]

const TOOLS: ReadonlyArray<[string, string]> = [
  ['vite', 'Vite'],
  ['typescript', 'TypeScript compiler'],
  ['tsup', 'tsup'],
  ['esbuild', 'esbuild'],
  ['webpack', 'webpack'],
  ['rollup', 'Rollup'],
  ['turbo', 'Turborepo'],
  ['nx', 'Nx'],
  ['lerna', 'Lerna'],
  ['@swc/core', 'SWC'],
  ['tsx', 'tsx'],
  ['ts-node', 'ts-node'],
]

const named = (table: ReadonlyArray<[string, string]>, has: ReadonlySet<string>): string[] => [
  ...new Set(table.filter(([key]) => has.has(key)).map(([, name]) => name)),
]

export const backendsOf = (has: ReadonlySet<string>): string[] => named(BACKENDS, has)
export const botsOf = (has: ReadonlySet<string>): string[] => named(BOTS, has)
export const queuesOf = (has: ReadonlySet<string>): string[] => named(QUEUES, has)
export const frontendsOf = (has: ReadonlySet<string>): string[] => named(FRONTENDS, has)
export const toolsOf = (has: ReadonlySet<string>): string[] => named(TOOLS, has)

const LANGUAGES: ReadonlyArray<[RegExp, string]> = [
  [/\.[cm]?tsx?$/, 'TypeScript'],
  [/\.[cm]?jsx?$/, 'JavaScript'],
  [/\.vue$/, 'Vue'],
  [/\.svelte$/, 'Svelte'],
  [/\.sql$/, 'SQL'],
  [/\.py$/, 'Python'],
  [/\.go$/, 'Go'],
  [/\.php$/, 'PHP'],
  [/\.rb$/, 'Ruby'],
  [/\.java$/, 'Java'],
]

/** Languages of the repository, those with the most files first. */
export function languagesOf(paths: readonly string[]): string[] {
  const counts = LANGUAGES.map(([pattern, name]) => ({
    name,
    n: paths.filter(path => pattern.test(path) && !/\.config\.\w+$/.test(path)).length,
  }))
  return counts
    .filter(c => c.n > 0)
    .sort((a, b) => b.n - a.n)
    .map(c => c.name)
}

const SERVER_SIDE = ['next', 'nuxt', '@sveltejs/kit', 'astro', '@react-router/dev', '@remix-run/dev']

/** Folders of one package that are built into files for the edge. */
export function sitesOf({
  folder,
  has,
  files,
  configs,
}: {
  folder: string
  has: ReadonlySet<string>
  files: readonly string[]
  configs: readonly SourceFile[]
}): SiteFacts[] {
  if (SERVER_SIDE.some(name => has.has(name))) return []
  if (has.has('react-scripts')) return [{ folder, out: join(folder, 'build'), tool: 'Create React App' }]
  if (has.has('@angular/core')) return [{ folder, out: angularOut(folder, configs), tool: 'Angular' }]
  if (has.has('gatsby')) return [{ folder, out: join(folder, 'public'), tool: 'Gatsby' }]
  const vites = configs.filter(config => /^vite\.config\./.test(nameOf(config.path)))
  return vites
    .flatMap(config => viteSite(config, files))
    .concat(vites.length === 0 ? bareVite(folder, has, files) : [])
}

function viteSite({ path, text }: SourceFile, files: readonly string[]): SiteFacts[] {
  const at = folderOf(path)
  const named = pathIn(/\broot\s*:\s*([^\n]+)/.exec(text)?.[1])
  const root = named === null ? at : join(at, named)
  const candidates = [root, join(at, 'client'), join(at, 'src')]
  const home = candidates.find(folder => files.includes(join(folder, 'index.html')))
  if (home === undefined || /\bbuild\s*:\s*\{[^}]*\blib\s*:/.test(text)) return []
  const line = /\boutDir\s*:\s*([^\n]+)/.exec(text)?.[1]
  const written = pathIn(line)
  // path.resolve(__dirname, …) starts at the config; a bare name starts at vite's root.
  const base = line !== undefined && /resolve|join|URL/.test(line) ? at : root
  return [{ folder: home, out: join(base, written ?? 'dist'), tool: 'Vite' }]
}

function bareVite(folder: string, has: ReadonlySet<string>, files: readonly string[]): SiteFacts[] {
  return has.has('vite') && files.includes(join(folder, 'index.html'))
    ? [{ folder, out: join(folder, 'dist'), tool: 'Vite' }]
    : []
}

/** The words of `path.resolve(import.meta.dirname, 'dist', 'public')`, joined. */
function pathIn(expression: string | undefined): string | null {
  const words = [...(expression ?? '').matchAll(/['"`]([\w./-]+)['"`]/g)]
    .map(match => match[1]!)
    .filter(word => word !== 'utf8')
  return words.length === 0 ? null : words.join('/')
}

function angularOut(folder: string, configs: readonly SourceFile[]): string {
  const body = configs.find(config => nameOf(config.path) === 'angular.json')?.text ?? ''
  const out =
    /"outputPath"\s*:\s*"([^"]+)"/.exec(body)?.[1] ??
    `dist/${/"projects"\s*:\s*\{\s*"([\w-]+)"/.exec(body)?.[1] ?? 'app'}`
  // Angular's application builder, the default since Angular 17, writes to the subfolder `browser`.
  return join(folder, out, body.includes(':application"') ? 'browser' : '.')
}
