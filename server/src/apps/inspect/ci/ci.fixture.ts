import { readConfig, readConfigOrFail } from '../../../config/read.ts'
import { gather } from '../gather.ts'
import type { Tree } from '../tree.ts'
import type { Way } from './deploy.ts'
import type { Forge } from './forge.ts'
import { type Workflow, workflow } from './plan.ts'
import { stageOf } from './targets.ts'

/** A monorepo of npm: a server with a database, and pages. */
export const FERRY: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'ferry', workspaces: ['apps/*'] }),
  'package-lock.json': '{}',
  'apps/api/package.json': JSON.stringify({
    name: 'api',
    scripts: { test: 'node --test', build: 'tsc' },
    dependencies: { express: '1' },
  }),
  'apps/web/package.json': JSON.stringify({
    name: 'web',
    scripts: { test: 'echo "Error: no test specified" && exit 1' },
    dependencies: { vite: '1' },
  }),
  'innkeeper.yaml': `name: ferry
services:
  api:
    root: apps/api
    node: 22
    build: [npm run build, "node -e 'let a = 1'"]
    start: node dist/server.js
    env: { PG_HOST: { database: host }, CACHE_PORT: { redis: port }, KEY: { from: KEY } }
  mailer: { root: apps/api, node: 22, build: [npm run build], start: node dist/mailer.js, worker: true }
  web: { root: apps/web, build: vite build, static: dist, buildEnv: { VITE_API: /api, VITE_KEY: { from: MAPS } } }
routes: { /api: api, /: web }
database: { postgres: { version: 16 } }
redis: true
release: { command: node dist/migrate.js, service: api }
`,
}

/** A server alone, with pnpm and nothing else. */
export const HUT: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'hut', dependencies: { express: '1' } }),
  'pnpm-lock.yaml': '',
  'innkeeper.yaml': 'name: hut\nservices: { web: { start: node server.js } }\n',
}

/** The hut with an environment before production. `more`: what `environments:` says besides. */
export const hutWith = (more: string): Readonly<Record<string, string>> => ({
  ...HUT,
  'innkeeper.yaml': `${HUT['innkeeper.yaml']}environments: { ${more} }\n`,
})
/** What is deployed of `dev`, and then of `main`. */
export const STAGED = hutWith('staging: {}')
/** Production takes what was tested as staging. */
export const PROMOTED = hutWith(
  'staging: {}, production: { protection: { branches: [main], from: [staging] } }',
)

/** Each pull request has a preview. */
export const PREVIEWED: Readonly<Record<string, string>> = {
  ...HUT,
  'innkeeper.yaml': `${HUT['innkeeper.yaml']}previews: { ttl: 2d }\n`,
}

export const SSH: Way = { by: 'ssh', address: 'ssh://root@ferry.example.com:2222/srv/my inn' }

export async function workflowOf(
  files: Readonly<Record<string, string>>,
  { forge, way = { by: 'token' }, branch = null }: { forge: Forge; way?: Way; branch?: string | null },
): Promise<Workflow> {
  const tree: Tree = {
    list: async () => ({ paths: Object.keys(files).sort(), complete: true }),
    read: async path => files[path] ?? null,
  }
  const file = files['innkeeper.yaml']!
  const { config, environments } = readConfig(file)
  const name = stageOf(config!, environments)
  const stage = name === null ? null : { name, config: readConfigOrFail(file, name) }
  return workflow({ forge, way, branch, stage, config: config!, facts: await gather(tree, 'ferry') })
}
