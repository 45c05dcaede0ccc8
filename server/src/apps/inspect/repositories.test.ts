import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, proposed } from './folder.fixture.ts'
import { majorOf } from './packages.ts'
import { REPOSITORIES } from './repositories.fixture.ts'

interface Expected {
  name?: string
  services: Record<string, object>
  routes?: Record<string, string>
  database?: object
  redis?: true
  release?: unknown
  migrations?: object
  env?: object
  /** Patterns that the file, with its comments, must match. */
  text?: RegExp[]
  warnings?: RegExp[]
}

const TABLE: Record<keyof typeof REPOSITORIES, Expected> = {
  nestPrisma: {
    name: 'booking-api',
    services: {
      web: {
        node: 22,
        build: ['prisma generate', 'npm run build'],
        start: 'node dist/main',
        health: { path: '/health', expect: { json: { path: 'status', equals: 'ok' } } },
      },
    },
    database: { postgres: true },
    redis: true,
    release: 'prisma migrate deploy',
    env: { JWT_SECRET: { generate: 64 }, STRIPE_SECRET_KEY: { from: 'STRIPE_SECRET_KEY' } },
    text: [/# LOG_LEVEL: info/, /nest start compiles again/],
  },
  nextStandalone: {
    services: {
      web: {
        node: 22,
        build: [
          'yarn run build',
          'cp -r .next/static .next/standalone/.next/static',
          'cp -r public .next/standalone/public',
        ],
        buildEnv: { NEXT_PUBLIC_SITE_URL: { from: 'NEXT_PUBLIC_SITE_URL' } },
        start: 'node .next/standalone/server.js',
        env: { HOSTNAME: '127.0.0.1' },
        health: { path: '/api/health', expect: { json: { path: 'status', equals: 'healthy' } } },
      },
    },
    database: { postgres: true },
    text: [/it fixes the port/, /# release: drizzle-kit migrate/],
    warnings: [/push asks questions/],
  },
  monorepo: {
    name: 'hostel',
    services: {
      api: {
        root: 'apps/api',
        node: 22,
        build: ['pnpm --filter @acme/db run generate', 'pnpm --filter @acme/db run build', 'pnpm run build'],
        start: 'node dist/main',
        affinity: 'cookie',
        env: { SENDGRID_API_KEY: { from: 'SENDGRID_API_KEY' } },
      },
      web: { root: 'apps/web', node: 24, build: ['pnpm run build'], start: 'next start -p $PORT -H $HOST' },
    },
    routes: { '/api': 'api', '/socket.io': 'api', '/': 'web' },
    database: { postgres: true },
    release:
      'node ../../packages/db/node_modules/prisma/build/index.js migrate deploy --schema ../../packages/db/prisma/schema.prisma',
    migrations: { tool: 'prisma', folder: 'packages/db/prisma/migrations' },
  },
  viteAlone: {
    name: 'hostel',
    services: {
      web: {
        node: 24,
        build: ['pnpm run build'],
        buildEnv: { VITE_MAP_KEY: { from: 'VITE_MAP_KEY' } },
        static: 'public_html',
      },
    },
    text: [/# VITE_FLAG/],
  },
  telegramBot: {
    services: { bot: { node: 24, start: 'node bot.js', worker: true, singleton: true } },
    database: { postgres: true },
    env: { BOT_TOKEN: { from: 'BOT_TOKEN' } },
    text: [/watches files/, /# ADMIN_CHAT/],
  },
  expressServesSite: {
    name: 'hostel',
    services: { web: { node: 24, build: ['npm run build'], start: 'node dist/index.js' } },
    database: { postgres: true },
    text: [/check: server\/static.ts serves the pages/, /check: no health route/],
    warnings: [/push asks questions/],
  },
  knexApp: {
    services: {
      web: { node: 24, start: 'node src/server.js', health: { path: '/ping', expect: { text: 'pong' } } },
    },
    database: { postgres: true },
    release: 'knex migrate:latest',
    migrations: { tool: 'knex', folder: 'db/changes' },
    text: [/it migrates at each start/],
  },
  plainServer: {
    name: 'hostel',
    services: {
      web: { node: 24, start: 'node server.js', health: { path: '/health', expect: { text: 'ok' } } },
    },
  },
  clientAndServer: {
    services: {
      client: {
        root: 'client',
        node: 24,
        build: ['npm run build'],
        buildEnv: { REACT_APP_API_URL: '/api' },
        static: 'build',
      },
      server: {
        root: 'server',
        node: 20,
        start: 'node index.js',
        persist: ['uploads'],
        health: { path: '/api/health', expect: { json: { path: 'ok', equals: true } } },
      },
    },
    routes: { '/api': 'server', '/': 'client' },
    env: { MONGO_URI: { from: 'MONGO_URI' } },
    warnings: [/MongoDB must run elsewhere/],
  },
  yarnBerry: {
    services: {
      api: {
        node: 24,
        build: ['yarn run build'],
        start: 'node dist/index.js',
        health: { path: '/healthz', expect: { json: { path: 'status', equals: 'ok' } } },
      },
      worker: { node: 24, build: ['yarn run build'], start: 'node dist/worker.js', worker: true },
    },
    database: { postgres: true },
    redis: true,
    release: 'node-pg-migrate up',
    text: [/it builds at each start/],
  },
  staticSite: { name: 'hostel', services: { web: { static: '.', spa: false } }, text: [/check: every file/] },
  brokenPackage: {
    name: 'hostel',
    services: { web: { node: 24, start: 'node app.js' } },
    warnings: [/^package.json cannot be read/],
  },
  serverServesClient: {
    services: {
      web: {
        node: 24,
        build: ['npm --prefix client ci', 'npm --prefix client run build'],
        start: 'node server.js',
      },
    },
  },
  remixCustom: {
    services: {
      web: {
        node: 24,
        build: ['npm run build'],
        start: 'react-router-serve ./build/server/index.js',
        health: { path: '/healthcheck', expect: { text: 'OK' } },
      },
    },
  },
  astroSite: { services: { web: { node: 24, build: ['npm run build'], static: 'dist', spa: false } } },
  sqlFolder: {
    services: {
      web: { node: 24, start: 'node src/index.js', health: { path: '/livez', expect: { text: 'ok' } } },
    },
    database: { postgres: true },
    migrations: { tool: 'sql', folder: 'db/migrations' },
    env: { SMTP_HOST: { from: 'SMTP_HOST' } },
    text: [/# MAIL_FROM/],
  },
}

for (const [kind, expected] of Object.entries(TABLE)) {
  test(`a repository of the kind ${kind} gets the file that it needs`, async t => {
    const root = await folderWith(t, REPOSITORIES[kind as keyof typeof REPOSITORIES])
    const { proposal, text } = await proposed(root)
    const { name, text: patterns = [], warnings = [], ...rest } = expected
    const { name: found, ...config } = proposal.config
    if (name !== undefined) assert.equal(found, name)
    assert.deepEqual(config, rest)
    for (const pattern of patterns) assert.match(text, pattern)
    for (const pattern of warnings)
      assert.ok(
        proposal.warnings.some(w => pattern.test(w)),
        `${pattern} in ${proposal.warnings.join('; ')}`,
      )
    assert.doesNotMatch(text, /sk_live_never_read/)
  })
}

test('a range of versions becomes one major', () => {
  const ranges = {
    '>=18': 24,
    '20.x': 20,
    '^22.1.0': 22,
    '>=20 <23': 22,
    '>=18 <=20': 20,
    '18 || 20': 20,
    'v22.11.0': 22,
    'lts/jod': 22,
    '*': null,
    '>=26': 26,
  }
  for (const [range, major] of Object.entries(ranges)) assert.equal(majorOf(range), major, range)
})
