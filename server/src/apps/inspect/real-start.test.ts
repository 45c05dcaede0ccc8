import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, foundIn as of, packageJson as pkg, SERVER } from './folder.fixture.ts'

test('what pm2 starts is read from its file', async t => {
  const start = { scripts: { start: 'pm2 start ecosystem.config.js --env production' } }
  const one = await of(t, {
    'package.json': pkg(['express'], start),
    'ecosystem.config.js':
      "module.exports = { apps: [{ name: 'shop', script: './bin/www.js', instances: 'max' }] }",
    'bin/www.js': SERVER,
    'server.js': '',
  })
  assert.equal(one.services['web']!.start, 'node bin/www.js')
  const two = await of(t, {
    'package.json': pkg(['express'], { scripts: { start: 'pm2-runtime start pm2.json' } }),
    'pm2.json': json({
      apps: [
        { name: 'api', script: 'server.js', args: '--quiet' },
        { name: 'mails', script: 'mails.js' },
      ],
    }),
    'mails.js': '',
  })
  assert.equal(two.services['api']!.start, 'node server.js --quiet')
  assert.equal(two.services['mails']!.start, 'node mails.js')
  assert.equal(two.services['mails']!.worker, true)
  const gone = await of(t, { 'package.json': pkg(['express'], start) })
  assert.equal(gone.services['web']!.start, 'node server.js')
  assert.match(gone.text, /check: no script says what runs/)
})

const NEST = { name: 'nest', scripts: { build: 'nest build', 'start:prod': 'node dist/main' } }
const MAIN = 'const app = await NestFactory.create(AppModule)\nawait app.listen(process.env.PORT)'

test('what a build leaves is where the compiler puts it, not where a script of the template says', async t => {
  const files = {
    'package.json': pkg(['@nestjs/core'], NEST),
    'tsconfig.json': '{ "compilerOptions": { "outDir": "./dist" } }',
    'tsconfig.build.json':
      '{ "extends": "./tsconfig.json", "exclude": ["node_modules", "test", "dist", "**/*spec.ts"] }',
    'server.js': '',
    'src/main.ts': MAIN,
    'src/app.spec.ts': '',
    'test/app.e2e-spec.ts': '',
  }
  assert.equal((await of(t, files)).services['web']!.start, 'node dist/main')
  const seeded = await of(t, { ...files, 'prisma/seed.ts': '' })
  assert.equal(seeded.services['web']!.start, 'node dist/src/main')
  assert.match(seeded.text, /check: the build puts it at dist\/src\/main[\s\S]*prisma\/seed\.ts/)
  const docker = 'FROM node:22\nRUN npm run build\nCMD ["node", "dist/src/main"]\n'
  const known = await of(t, { ...files, 'prisma/seed.ts': '', Dockerfile: docker })
  assert.equal(known.services['web']!.start, 'node dist/src/main')
  assert.match(known.text, /As the CMD of Dockerfile/)
  assert.doesNotMatch(known.text, /check: the build puts/)
})

test('a program of a package is started by its own command, and a person is asked to look', async t => {
  const strapi = await of(t, {
    'package.json': json({
      name: 'cms',
      scripts: { build: 'strapi build', start: 'strapi start', develop: 'strapi develop' },
      dependencies: { '@strapi/strapi': '5', pg: '8' },
    }),
    'server.js': '',
    'config/server.ts':
      "export default ({ env }) => ({ host: env('HOST', '0.0.0.0'), port: env.int('PORT', 1337), app: { keys: env.array('APP_KEYS') } })",
  })
  const { web } = strapi.services
  assert.deepEqual([web!.start, web!.build], ['strapi start', ['npm run build']])
  assert.deepEqual(strapi.database, { postgres: true, role: 'owner' })
  assert.deepEqual(web!.persist, ['public/uploads'])
  assert.deepEqual(strapi.env!['APP_KEYS'], { generate: 64 })
  assert.doesNotMatch(strapi.text, /# APP_KEYS/)
  const n8n = await of(t, {
    'package.json': pkg(['n8n'], { scripts: { start: 'n8n start' } }),
    'server.js': '',
  })
  assert.equal(n8n.services['web']!.start, 'env N8N_PORT=$PORT n8n start')
  const directus = await of(t, {
    'package.json': pkg(['directus', 'pg'], { scripts: { start: 'directus start' } }),
    'server.js': '',
  })
  assert.equal(directus.services['web']!.start, 'directus start')
  assert.equal(directus.release, 'directus bootstrap')
  assert.deepEqual([directus.services['web']!.node, n8n.services['web']!.node], [22, 24])
  assert.deepEqual(directus.env!['DB_HOST'], { database: 'host' })
  const any = await of(t, {
    'package.json': json({
      name: 'x',
      scripts: { start: 'some-server --serve' },
      dependencies: { 'some-server': '1' },
    }),
    'server.js': '',
  })
  assert.equal(any.services['web']!.start, 'some-server --serve')
  assert.match(any.text, /check: .*script "start"/)
})

test('Adonis is started from its build, migrates with it, and has the names that it asks for', async t => {
  const adonis = await of(t, {
    'package.json': json({
      name: 'club',
      scripts: { build: 'node ace build', start: 'node bin/server.js' },
      dependencies: { '@adonisjs/core': '6', '@adonisjs/lucid': '21', pg: '8' },
    }),
    'tsconfig.json': '{ "compilerOptions": { "outDir": "./build" } }',
    'server.js': '',
    'ace.js': '',
    'bin/server.ts': 'new Ignitor(APP_ROOT).httpServer().start()',
    'database/migrations/1_users.ts': '',
    'start/env.ts': `export default await Env.create(new URL('../', import.meta.url), {
      NODE_ENV: Env.schema.enum(['development', 'production'] as const),
      APP_KEY: Env.schema.string(),
      LOG_LEVEL: Env.schema.string(),
      DRIVE_DISK: Env.schema.string.optional(),
      DB_HOST: Env.schema.string({ format: 'host' }),
    })`,
    'config/logger.ts':
      "export default defineConfig({ level: env.get('LOG_LEVEL'), disk: env.get('DRIVE_DISK') })",
    '.env.example': 'LOG_LEVEL=info\nAPP_KEY=\n',
  })
  const { web } = adonis.services
  assert.deepEqual([web!.build, web!.start], [['npm run build'], 'node build/bin/server.js'])
  assert.equal(adonis.release, 'node build/ace.js migration:run --force')
  assert.deepEqual(adonis.env, {
    APP_KEY: { generate: 64 },
    DB_HOST: { database: 'host' },
    LOG_LEVEL: 'info',
  })
  assert.match(adonis.text, /# {0,3}DRIVE_DISK/)
})

test('configuration of the app itself is read as a source', async t => {
  const { env } = await of(t, {
    'src/config/mail.config.ts': "export default registerAs('mail', () => ({ key: process.env.MAIL_KEY! }))",
    'vite.config.ts': 'export default { x: process.env.VITE_ONLY! }',
  })
  assert.deepEqual(env, { MAIL_KEY: { from: 'MAIL_KEY' } })
})

test('Payload has its database, its secret and its migrations', async t => {
  const payload = await of(t, {
    'package.json': json({
      name: 'cms',
      scripts: { build: 'next build', start: 'next start' },
      dependencies: { next: '15', payload: '3', '@payloadcms/db-postgres': '3' },
    }),
    'server.js': '',
    'src/payload.config.ts':
      "buildConfig({ secret: process.env.PAYLOAD_SECRET || '', db: postgresAdapter({ pool: { connectionString: process.env.DATABASE_URI || '' } }) })",
    'src/migrations/20260101_000000.ts': '',
  })
  assert.deepEqual(payload.database, { postgres: true })
  assert.equal(payload.release, 'payload migrate')
  assert.deepEqual(payload.env, { DATABASE_URI: { database: 'url' }, PAYLOAD_SECRET: { generate: 64 } })
})

test('a prisma.config that asks for the address of the database at build time gets a stand-in there', async t => {
  const prisma = await of(t, {
    'package.json': pkg(['express', '@prisma/client', 'prisma']),
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'prisma.config.ts':
      "import { defineConfig, env } from 'prisma/config'\nexport default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'db/steps' }, datasource: { url: env('DATABASE_URL') } })",
    'db/steps/20260101_init/migration.sql': '',
  })
  const { buildEnv, build } = prisma.services['web']!
  assert.deepEqual(build, ['prisma generate'])
  assert.deepEqual(Object.keys(buildEnv!), ['DATABASE_URL'])
  assert.match(prisma.text, /prisma\.config\.ts asks for it/)
  assert.equal(prisma.release, 'prisma migrate deploy')
  assert.deepEqual(prisma.migrations, { tool: 'prisma', folder: 'db/steps' })
  const spoken = await of(t, {
    'package.json': pkg(['express', 'prisma']),
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'prisma.config.ts':
      "// Not env('DATABASE_URL'): a build has none.\nexport default defineConfig({ datasource: { url: process.env.DATABASE_URL } })",
  })
  assert.equal(spoken.services['web']!.buildEnv, undefined, 'a comment asks for nothing')
})

test('the adapter of SvelteKit is found in either configuration', async t => {
  const site = (files: Record<string, string>) =>
    of(t, {
      'package.json': json({
        name: 'site',
        scripts: { build: 'vite build' },
        devDependencies: { '@sveltejs/kit': '2', '@sveltejs/adapter-node': '5', vite: '8' },
      }),
      'server.js': '',
      ...files,
    })
  const adapter = (name: string, more: string) => `import adapter from '@sveltejs/adapter-${name}'\n${more}`
  const vite = await site({
    'vite.config.ts': adapter('node', 'plugins: [sveltekit({ adapter: adapter() })]'),
  })
  assert.equal(vite.services['web']!.start, 'node build/index.js')
  assert.deepEqual(vite.services['web']!.env, {
    PROTOCOL_HEADER: 'x-forwarded-proto',
    HOST_HEADER: 'x-forwarded-host',
  })
  assert.deepEqual(vite.warnings, [])
  const files = await site({
    'vite.config.ts': 'plugins: [sveltekit()]',
    'svelte.config.js': adapter('static', 'kit: { adapter: adapter() }'),
  })
  assert.equal(files.services['web']!.static, 'build')
  const none = await site({ 'vite.config.ts': adapter('auto', 'sveltekit({ adapter: adapter() })') })
  assert.match(none.warnings.join(), /name it in svelte\.config\.js or vite\.config/)
})
