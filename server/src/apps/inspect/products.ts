import type { PackageFacts } from './facts.ts'
import type { ProposedConfig, ProposedEnv, ProposedService, Remarks } from './proposal.ts'

/** A program that comes as a package, with no sources in the repository that would say how it is run. */
export interface Product {
  name: string
  start: string
  service: Pick<ProposedService, 'persist' | 'health' | 'singleton'>
  env: ProposedEnv
  /** What its names for the parts of a database of ours begin with. */
  parts: Record<string, 'host' | 'port' | 'name' | 'user' | 'password'>
  /** It changes its tables while it runs. */
  owner: boolean
  /** It has a database of ours also when the repository names no client of it. */
  database: boolean
  release: string | null
  /** The newest major of Node.js that what it compiles is written for, when that is not the newest of all. */
  node?: number
}

const secret = { generate: 64 } as const
const from = (prefix: string, name: string, user: string): Product['parts'] => ({
  [`${prefix}_HOST`]: 'host',
  [`${prefix}_PORT`]: 'port',
  [`${prefix}_${name}`]: 'name',
  [`${prefix}_${user}`]: 'user',
  [`${prefix}_PASSWORD`]: 'password',
})

const PRODUCTS: Record<string, Product> = {
  '@strapi/strapi': {
    name: 'Strapi',
    start: 'strapi start',
    service: { persist: ['public/uploads'], health: { path: '/_health', status: 204 } },
    env: {
      APP_KEYS: secret,
      API_TOKEN_SALT: secret,
      ADMIN_JWT_SECRET: secret,
      TRANSFER_TOKEN_SALT: secret,
      JWT_SECRET: secret,
      ENCRYPTION_KEY: secret,
      DATABASE_CLIENT: 'postgres',
    },
    parts: from('DATABASE', 'NAME', 'USERNAME'),
    owner: true,
    database: false,
    release: null,
  },
  directus: {
    name: 'Directus',
    start: 'directus start',
    service: { persist: ['uploads'], health: { path: '/server/ping', expect: { text: 'pong' } } },
    env: {
      SECRET: secret,
      DB_CLIENT: 'pg',
      ADMIN_EMAIL: { from: 'ADMIN_EMAIL' },
      ADMIN_PASSWORD: { generate: 24 },
    },
    parts: from('DB', 'DATABASE', 'USER'),
    owner: true,
    database: true,
    release: 'directus bootstrap',
    node: 22,
  },
  n8n: {
    name: 'n8n',
    // `env` becomes the program itself, so nothing stands between it and the supervisor.
    start: 'env N8N_PORT=$PORT n8n start',
    service: {
      persist: ['data'],
      singleton: true,
      health: { path: '/healthz', expect: { json: { path: 'status', equals: 'ok' } } },
    },
    env: {
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_ENCRYPTION_KEY: secret,
      N8N_USER_FOLDER: 'data',
      DB_TYPE: 'postgresdb',
    },
    parts: from('DB_POSTGRESDB', 'DATABASE', 'USER'),
    owner: true,
    database: true,
    release: null,
  },
}

export const productOf = (pkg: PackageFacts): Product | null =>
  Object.entries(PRODUCTS).find(([name]) => pkg.dependencies.has(name))?.[1] ?? null

/** What the file says of a product, beside its service. */
export function withProduct(config: ProposedConfig, product: Product, remarks: Remarks): void {
  if (product.database && config.database === undefined) {
    config.database = { postgres: true }
    remarks.say('database', `${product.name} has a database of its own.`)
  }
  const ours = config.database !== undefined
  const parts = Object.fromEntries(
    Object.entries(product.parts).map(([name, part]) => [name, { database: part }]),
  )
  const own = Object.entries(product.env).filter(
    ([name]) => ours || !/^(?:DATABASE_CLIENT|DB_CLIENT|DB_TYPE)$/.test(name),
  )
  const env = { ...config.env, ...Object.fromEntries(own), ...(ours ? parts : {}) }
  config.env = Object.fromEntries(Object.entries(env).sort(([one], [two]) => (one < two ? -1 : 1)))
  // What is written needs no line as a comment too.
  const left = remarks.spares.filter(({ under, key }) => under !== 'env' || env[key] === undefined)
  remarks.spares.splice(0, Infinity, ...left)
  if (ours && product.owner) {
    config.database = { ...config.database, role: 'owner' }
    remarks.say('database', `${product.name} changes its tables while it runs.`)
  }
  if (product.release !== null) config.release = product.release
  remarks.check('env', `as ${product.name} names them; look at its documents for what else it reads.`)
}
