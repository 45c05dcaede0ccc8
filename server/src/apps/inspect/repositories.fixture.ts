/** Small repositories (path → text), each like a kind that people really have. */
export type Repository = Readonly<Record<string, string>>

const json = (value: unknown): string => JSON.stringify(value, null, 2)
const deps = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, '^1.0.0']))

const nestPrisma: Repository = {
  'package.json': json({
    name: '@acme/booking-api',
    engines: { node: '>=20 <23' },
    scripts: {
      build: 'nest build',
      start: 'nest start',
      'start:dev': 'nest start --watch',
      'start:prod': 'npx prisma migrate deploy && node dist/main',
    },
    dependencies: deps('@nestjs/core', '@nestjs/terminus', '@prisma/client', 'bullmq', 'stripe'),
    devDependencies: deps('prisma', 'typescript', '@nestjs/cli'),
  }),
  'package-lock.json': '{}',
  'tsconfig.json': '{ "compilerOptions": { "outDir": "./dist" } }',
  'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
  'prisma/migrations/20240101_init/migration.sql': 'create table a (id int);',
  'src/main.ts': `const app = await NestFactory.create(AppModule)
app.setGlobalPrefix('api', { exclude: ['health'] })
await app.listen(process.env.PORT ?? 3000)`,
  'src/health.controller.ts': `@Controller('health')
export class HealthController {
  constructor(private health: HealthCheckService) {}
  @Get() @HealthCheck() check() { return this.health.check([]) }
}`,
  'src/pay.ts': `export const stripe = new Stripe(process.env.STRIPE_SECRET_KEY!)
const secret = process.env.JWT_SECRET || 'secret'
const level = process.env.LOG_LEVEL ?? 'info'`,
  '.env': 'STRIPE_SECRET_KEY=sk_live_never_read\n',
  '.env.example':
    'DATABASE_URL=postgres://localhost/x\nSTRIPE_SECRET_KEY=\nJWT_SECRET=change-me\nLOG_LEVEL=info\n',
  Dockerfile: 'FROM node:20-alpine\n',
}

const nextStandalone: Repository = {
  'package.json': json({
    name: 'magazine',
    scripts: { dev: 'next dev', build: 'next build', start: 'next start -p 3000' },
    dependencies: deps('next', 'react', 'react-dom', 'pg', 'drizzle-orm'),
    devDependencies: deps('drizzle-kit', 'typescript'),
  }),
  'yarn.lock': '',
  '.nvmrc': 'v22.11.0\n',
  'next.config.mjs': "export default { output: 'standalone' }",
  'drizzle.config.ts': "export default { dialect: 'postgresql', out: './drizzle' }",
  'public/logo.svg': '<svg/>',
  'app/api/health/route.ts':
    "export async function GET() {\n  return Response.json({ status: 'healthy' })\n}",
  'app/page.tsx': 'export default () => <a href={process.env.NEXT_PUBLIC_SITE_URL}>x</a>',
}

const monorepo: Repository = {
  'package.json': json({
    name: 'root',
    private: true,
    packageManager: 'pnpm@9.12.0',
    scripts: { dev: 'turbo dev', build: 'turbo build' },
    devDependencies: deps('turbo'),
  }),
  'pnpm-lock.yaml': '',
  'pnpm-workspace.yaml': 'packages: [apps/*, packages/*]\n',
  'turbo.json': '{}',
  'apps/web/package.json': json({
    name: '@acme/web',
    scripts: { build: 'next build', start: 'next start' },
    dependencies: { ...deps('next', 'react'), '@acme/ui': 'workspace:*' },
  }),
  'apps/web/app/page.tsx': 'export default () => null',
  'apps/api/package.json': json({
    name: '@acme/api',
    engines: { node: '22.x' },
    scripts: { build: 'nest build', start: 'nest start', 'start:prod': 'node dist/main' },
    dependencies: { ...deps('@nestjs/core', 'socket.io'), '@acme/db': 'workspace:*' },
  }),
  'apps/api/src/main.ts':
    "const app = await NestFactory.create(AppModule)\napp.setGlobalPrefix('api')\nawait app.listen(process.env.PORT)",
  'apps/api/src/keys.ts': 'export const key = process.env.SENDGRID_API_KEY!',
  'packages/db/package.json': json({
    name: '@acme/db',
    scripts: { build: 'tsc', generate: 'prisma generate' },
    dependencies: deps('@prisma/client'),
    devDependencies: deps('prisma'),
  }),
  'packages/db/prisma/schema.prisma':
    'datasource db {\n provider = "postgresql"\n url = env("DATABASE_URL")\n}',
  'packages/db/prisma/migrations/1_init/migration.sql': '',
  'packages/ui/package.json': json({ name: '@acme/ui', main: 'src/index.ts', dependencies: deps('react') }),
  'packages/ui/src/index.ts': 'export {}',
}

const viteAlone: Repository = {
  'package.json': json({
    name: 'vite-project',
    scripts: { dev: 'vite', build: 'tsc -b && vite build', preview: 'vite preview' },
    dependencies: deps('vue'),
    devDependencies: deps('vite'),
  }),
  'pnpm-lock.yaml': '',
  'vite.config.ts': "export default defineConfig({ plugins: [vue()], build: { outDir: 'public_html' } })",
  'index.html': '<div id="app"></div>',
  'src/main.ts': 'fetch(import.meta.env.VITE_MAP_KEY)\nconst flag = import.meta.env.VITE_FLAG ?? "off"',
}

const telegramBot: Repository = {
  'package.json': json({
    name: 'reminder-bot',
    main: 'bot.js',
    scripts: { start: 'nodemon bot.js' },
    dependencies: deps('telegraf', 'pg'),
    devDependencies: deps('nodemon'),
  }),
  'package-lock.json': '{}',
  'bot.js':
    'const bot = new Telegraf(process.env.BOT_TOKEN)\nif (process.env.ADMIN_CHAT) notify(process.env.ADMIN_CHAT)\nbot.launch()',
}

const expressServesSite: Repository = {
  'package.json': json({
    name: 'rest-express',
    type: 'module',
    scripts: {
      dev: 'tsx server/index.ts',
      build: 'vite build && esbuild server/index.ts --platform=node --bundle --format=esm --outdir=dist',
      start: 'NODE_ENV=production node dist/index.js',
      'db:push': 'drizzle-kit push',
    },
    dependencies: deps('express', 'drizzle-orm', '@neondatabase/serverless', 'react', 'ws'),
    devDependencies: deps('vite', 'esbuild', 'tsx', 'drizzle-kit'),
  }),
  'package-lock.json': '{}',
  'vite.config.ts':
    "export default defineConfig({ root: path.resolve(import.meta.dirname, 'client'), build: { outDir: path.resolve(import.meta.dirname, 'dist/public') } })",
  'drizzle.config.ts':
    "export default { out: './migrations', schema: './shared/schema.ts', dialect: 'postgresql' }",
  'client/index.html': '',
  'client/src/main.tsx': 'export {}',
  'server/index.ts':
    "const app = express()\napp.get('/api/items', list)\nserver.listen(5000)\nif (!process.env.DATABASE_URL) throw new Error('DATABASE_URL must be set')",
  'server/static.ts':
    "app.use(express.static(distPath))\napp.use('*', (_req, res) => res.sendFile(path.resolve(distPath, 'index.html')))",
}

const knexApp: Repository = {
  'package.json': json({
    name: 'ledger',
    scripts: { start: 'knex migrate:latest && node src/server.js' },
    dependencies: deps('koa', 'knex', 'pg'),
  }),
  'package-lock.json': '{}',
  'knexfile.js':
    "module.exports = { production: { client: 'pg', connection: process.env.DATABASE_URL, migrations: { directory: './db/changes' } } }",
  'db/changes/001_init.js': '',
  'src/server.js': "router.get('/ping', ctx => { ctx.body = 'pong' })\napp.listen(process.env.PORT || 3000)",
}

const plainServer: Repository = {
  'server.js':
    "require('http').createServer((req, res) => {\n  if (req.url === '/health') return res.end('ok')\n  res.end('hello')\n}).listen(8080)",
  'README.md': '# hello',
}

const clientAndServer: Repository = {
  'client/package.json': json({
    name: 'client',
    scripts: { start: 'react-scripts start', build: 'react-scripts build' },
    dependencies: deps('react', 'react-scripts'),
  }),
  'client/package-lock.json': '{}',
  'client/src/setupProxy.js':
    "module.exports = app => app.use('/api', createProxyMiddleware({ target: 'http://localhost:5000' }))",
  'client/src/App.js': 'fetch(process.env.REACT_APP_API_URL)',
  'server/package.json': json({
    name: 'server',
    scripts: { start: 'PORT=5000 node index.js', dev: 'nodemon index.js' },
    dependencies: deps('express', 'mongoose', 'multer'),
  }),
  'server/package-lock.json': '{}',
  'server/.nvmrc': '20',
  'server/index.js': `const upload = multer({ dest: 'uploads/' })
app.use('/api', routes)
app.get('/api/health', (req, res) => res.json({ ok: true }))
mongoose.connect(process.env.MONGO_URI)
app.listen(process.env.PORT)`,
}

const yarnBerry: Repository = {
  'package.json': json({
    name: 'atlas',
    packageManager: 'yarn@4.5.1',
    scripts: {
      build: 'tsup src/index.ts',
      start: 'yarn build && node dist/index.js',
      worker: 'node dist/worker.js',
      migrate: 'node-pg-migrate',
    },
    dependencies: deps('fastify', 'pg', 'node-pg-migrate', 'bullmq'),
    devDependencies: deps('tsup', 'typescript'),
  }),
  'yarn.lock': '',
  'migrations/1700000000000_init.sql': '',
  'src/index.ts':
    "fastify.get('/healthz', async () => ({ status: 'ok' }))\nfastify.listen({ port: Number(process.env.PORT) })",
  'src/worker.ts': "new Worker('mail', send)",
}

const staticSite: Repository = {
  'index.html': '<h1>Tea house</h1>',
  'style.css': 'h1 {}',
}

const brokenPackage: Repository = {
  'package.json': '{ "name": "shop", "scripts": { "start": "node app.js", } }',
  'app.js': 'app.listen(process.env.PORT)',
}

const serverServesClient: Repository = {
  'package.json': json({
    name: 'gallery',
    scripts: { start: 'node server.js', client: 'npm start --prefix client' },
    dependencies: deps('express'),
  }),
  'package-lock.json': '{}',
  'server.js':
    "app.use('/api', require('./api'))\napp.use(express.static(path.join(__dirname, 'client/dist')))\napp.get('*', (q, s) => s.sendFile('index.html'))\napp.listen(process.env.PORT)",
  'client/package.json': json({
    name: 'client',
    scripts: { build: 'vite build' },
    dependencies: deps('react'),
    devDependencies: deps('vite'),
  }),
  'client/package-lock.json': '{}',
  'client/index.html': '',
  'client/vite.config.js': "export default { server: { proxy: { '/api': 'http://localhost:3001' } } }",
}

const remixCustom: Repository = {
  'package.json': json({
    name: 'stack',
    scripts: { build: 'react-router build', start: 'react-router-serve ./build/server/index.js' },
    dependencies: deps('@react-router/node', '@react-router/serve', 'react', 'isbot'),
    devDependencies: deps('@react-router/dev', 'vite'),
  }),
  'package-lock.json': '{}',
  'vite.config.ts': 'export default defineConfig({ plugins: [reactRouter()] })',
  'app/routes/healthcheck.tsx': "export async function loader() { return new Response('OK') }",
}

const astroSite: Repository = {
  'package.json': json({
    name: 'blog',
    scripts: { build: 'astro build', start: 'astro dev' },
    dependencies: deps('astro'),
  }),
  'package-lock.json': '{}',
  'astro.config.mjs': 'export default defineConfig({ site: "https://blog.example.com" })',
  'src/pages/index.astro': '',
}

const sqlFolder: Repository = {
  'package.json': json({
    name: 'notes',
    main: 'src/index.js',
    dependencies: deps('hono', '@hono/node-server', 'postgres'),
  }),
  'package-lock.json': '{}',
  'db/migrations/001_notes.sql': 'create table notes (id int);',
  'src/index.js':
    "import { serve } from '@hono/node-server'\napp.get('/livez', c => c.text('ok'))\nserve({ fetch: app.fetch })\nconst { SMTP_HOST, MAIL_FROM = 'a@b.c' } = process.env",
}

export const REPOSITORIES = {
  nestPrisma,
  nextStandalone,
  monorepo,
  viteAlone,
  telegramBot,
  expressServesSite,
  knexApp,
  plainServer,
  clientAndServer,
  yarnBerry,
  staticSite,
  brokenPackage,
  serverServesClient,
  remixCustom,
  astroSite,
  sqlFolder,
}
