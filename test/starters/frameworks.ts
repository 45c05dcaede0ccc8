import * as documented from './documented.ts'
import { adonis } from './documented-adonis.ts'
import type { Starter } from './starter.ts'

/** Enter, for each question: what it proposes is taken. */
const ENTER = '\r\r\r\r'
const downloads = (starter: string, from = 'GitHub'): string =>
  `${starter} downloads its template from ${from}`
const npx = (...argv: string[]) => ['npx', '--yes', ...argv]
const nextApp = (folder: string, ...more: string[]): readonly string[] =>
  npx(
    ...['create-next-app@16.4.3', folder, '--yes', '--ts', '--app', '--use-npm'],
    // The page that is not empty asks Google for its fonts while it is built.
    ...['--empty', '--skip-install', '--disable-git', '--no-agent-feedback', ...more],
  )

/** Every framework that `inn init` knows how to run, each at the newest version that its registry had whole in November 2026. */
export const STARTERS: readonly Starter[] = [
  {
    name: 'Express',
    folder: 't-express',
    package: 'express',
    from: { starter: 'express-generator 4.16.1' },
    commands: [{ argv: npx('express-generator@4.16.1', '--no-view', 't-express'), beside: true }],
    pages: ['/', '/users'],
  },
  {
    name: 'Fastify',
    folder: 't-fastify',
    package: 'fastify',
    from: { starter: 'fastify-cli 8.0.2' },
    commands: [{ argv: npx('fastify-cli@8.0.2', 'generate', 't-fastify'), beside: true }],
    pages: ['/', '/example'],
  },
  {
    name: 'Hono',
    folder: 't-hono',
    package: 'hono',
    from: { documentation: downloads('create-hono') },
    files: documented.hono,
    pages: ['/'],
    edit: {
      told: { by: 'init', saying: /src\/index\.ts listens on 3000, which stands in the code/ },
      why: 'the port stands in the code: `port: Number(process.env.PORT)`',
      change: { file: 'src/index.ts', from: 'port: 3000', to: 'port: Number(process.env.PORT)' },
    },
  },
  {
    name: 'NestJS',
    folder: 't-nest',
    package: '@nestjs/core',
    from: { starter: '@nestjs/cli 12.0.8' },
    commands: [
      {
        argv: npx(
          '@nestjs/cli@12.0.8',
          'new',
          't-nest',
          '--package-manager=npm',
          '--skip-install',
          '--skip-git',
        ),
        beside: true,
      },
    ],
    pages: ['/'],
  },
  {
    name: 'Next.js',
    folder: 't-next',
    package: 'next',
    from: { starter: 'create-next-app 16.4.3 --empty' },
    commands: [{ argv: nextApp('t-next'), beside: true }],
    pages: ['/'],
  },
  {
    name: 'Astro, static',
    folder: 't-astro',
    package: 'astro',
    from: { documentation: downloads('create-astro') },
    files: documented.astro,
    pages: ['/'],
  },
  {
    name: 'Astro, server',
    folder: 't-astro-node',
    package: 'astro',
    from: { documentation: downloads('create-astro') },
    files: documented.astroNode,
    pages: ['/'],
  },
  {
    name: 'SvelteKit',
    folder: 't-svelte',
    package: '@sveltejs/kit',
    from: { starter: 'sv 0.17.1 --add sveltekit-adapter="adapter:node"' },
    commands: [
      {
        argv: npx(
          ...['sv@0.17.1', 'create', 't-svelte', '--template=minimal', '--types=ts', '--no-install'],
          ...['--add', 'sveltekit-adapter=adapter:node'],
        ),
        beside: true,
      },
    ],
    pages: ['/'],
  },
  {
    name: 'Nuxt',
    folder: 't-nuxt',
    package: 'nuxt',
    from: { documentation: downloads('nuxi init') },
    files: documented.nuxt,
    pages: ['/'],
  },
  {
    name: 'React Router',
    folder: 't-react-router',
    package: 'react-router',
    from: { documentation: downloads('create-react-router') },
    files: documented.reactRouter,
    pages: ['/'],
  },
  {
    name: 'Remix',
    folder: 't-remix',
    package: '@remix-run/node',
    from: { documentation: downloads('create-remix') },
    files: documented.remix,
    pages: ['/'],
  },
  {
    name: 'AdonisJS',
    folder: 't-adonis',
    package: '@adonisjs/core',
    from: { documentation: downloads('create-adonisjs') },
    files: adonis,
    pages: ['/'],
  },
  {
    name: 'Strapi',
    folder: 't-strapi',
    package: '@strapi/strapi',
    from: { starter: 'create-strapi 5.54.0' },
    commands: [
      {
        argv: npx(
          ...['create-strapi@5.54.0', 't-strapi', '--non-interactive', '--skip-cloud', '--no-run', '--ts'],
          ...[
            '--no-install',
            '--no-git-init',
            '--no-example',
            '--dbclient',
            'postgres',
            '--dbhost',
            '127.0.0.1',
          ],
          ...['--dbport', '5432', '--dbname', 'strapi', '--dbusername', 'strapi', '--dbpassword', 'strapi'],
        ),
        beside: true,
      },
    ],
    pages: ['/admin'],
  },
  {
    name: 'Payload',
    folder: 't-payload',
    package: 'payload',
    from: {
      starter:
        'create-payload-app 3.90.2 in create-next-app 16.4.3, with `type: module` and a first migration',
    },
    commands: [
      // Its pages ask for what is only known at a request, which that option forbids outside of <Suspense>.
      { argv: nextApp('t-payload', '--no-cache-components'), beside: true },
      // It brings pages of its own, and wants those of Next.js out of the way.
      { argv: ['rm', 'app/layout.tsx', 'app/page.tsx'] },
      {
        argv: npx(
          ...['create-payload-app@3.90.2', '--use-npm', '--no-agent', '--no-git', '--db', 'postgres'],
          ...['--db-connection-string', 'postgres://payload@127.0.0.1/payload'],
        ),
        input: ENTER,
      },
      // As its documentation says: its command reads the configuration as a module, and production wants a migration.
      { argv: ['npm', 'pkg', 'set', 'type=module'] },
      { argv: npx('payload', 'migrate:create', 'first') },
    ],
    pages: ['/', '/admin'],
  },
  {
    name: 'Directus',
    folder: 't-directus',
    package: 'directus',
    from: { documentation: 'create-directus-project begins containers' },
    files: documented.product('t-directus', 'directus', '12.4.0', 'directus start'),
    native: 22,
    pages: ['/server/ping', '/admin/'],
    edit: {
      told: { by: 'init', saying: /ADMIN_EMAIL: \{ from: ADMIN_EMAIL \}/ },
      why: 'the address of the first administrator: `--env ADMIN_EMAIL=…`',
      change: { env: { ADMIN_EMAIL: 'admin@example.com' } },
    },
  },
  {
    name: 'n8n',
    folder: 't-n8n',
    package: 'n8n',
    from: { documentation: 'it has no starter: a package and its command' },
    files: documented.product('t-n8n', 'n8n', '2.41.1', 'n8n start'),
    native: 24,
    pages: ['/healthz'],
    edit: {
      told: { by: 'deploy', saying: /kafka-javascript/ },
      why: 'where GitHub is not reached, `install: [npm ci --ignore-scripts]`: its client of Kafka downloads a library',
      change: {
        file: 'innkeeper.yaml',
        from: '    node: 24\n',
        to: '    node: 24\n    install: [npm ci --ignore-scripts]\n',
      },
    },
  },
]
