import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, foundIn as of, packageJson as pkg, SERVER } from './folder.fixture.ts'

test('a default that a helper gives makes a variable optional; a base of numbers is none', async t => {
  const { env, text } = await of(t, {
    'config.js': `a(parseBool(process.env.DEBUG_SQL, false), toInt(process.env['MAX_ITEMS'], 20))
      envList(process.env.ALLOWED, [])
      getEnv('REGION_NAME', 'eu')
      const port = parseInt(process.env.SMTP_PORT_NUMBER, 10)
      const client = createClient(process.env.SEARCH_URL, process.env.SEARCH_KEY)
      const stripe = connect(process.env.PAY_URL, {})`,
  })
  assert.deepEqual(Object.keys(env ?? {}), ['PAY_URL', 'SEARCH_KEY', 'SEARCH_URL', 'SMTP_PORT_NUMBER'])
  for (const name of ['DEBUG_SQL', 'MAX_ITEMS', 'ALLOWED'])
    assert.match(text, new RegExp(`# {0,3}${name}:`), name)
})

test('a default that nobody can mean for a server is none', async t => {
  const { env } = await of(t, {
    'config.js': `const token = process.env.BOT_TOKEN || 'CHANGE_ME'
      const key = process.env.MAIL_API_KEY ?? "your-key-here"
      const level = process.env.LEVEL || 'info'
      const id = process.env.CLIENT_ID || '<client id>'`,
  })
  assert.deepEqual(env, {
    BOT_TOKEN: { from: 'BOT_TOKEN' },
    CLIENT_ID: { from: 'CLIENT_ID' },
    MAIL_API_KEY: { from: 'MAIL_API_KEY' },
  })
})

test('every optional name stands in the file, however many there are', async t => {
  const names = Array.from({ length: 40 }, (_, n) => `OPTION_${String(n).padStart(2, '0')}`)
  const { text } = await of(t, {
    'config.js': names.map(name => `const x${name} = process.env.${name} || 'x'`).join('\n'),
  })
  for (const name of names) assert.match(text, new RegExp(name), name)
})

test('parts of Redis and of the database are given as the app reads them', async t => {
  const { env, warnings } = await of(t, {
    'package.json': pkg(['express', 'ioredis', 'pg']),
    'config.js': `new Redis({ host: process.env.REDIS_HOST, port: process.env.REDIS_PORT, password: process.env.REDIS_PASSWORD })
      new Pool({ host: process.env.DB_HOST, port: process.env.DB_PORT, user: process.env.DB_USERNAME,
        password: process.env.DB_PASS, database: process.env.DB_NAME })`,
  })
  assert.deepEqual(env, {
    DB_HOST: { database: 'host' },
    DB_NAME: { database: 'name' },
    DB_PASS: { database: 'password' },
    DB_PORT: { database: 'port' },
    DB_USERNAME: { database: 'user' },
    REDIS_HOST: { redis: 'host' },
    REDIS_PASSWORD: { redis: 'password' },
    REDIS_PORT: { redis: 'port' },
  })
  assert.deepEqual(warnings, [])
})

test('a Redis is known by the variable that is read, also without a client that is known', async t => {
  const { text } = await of(t, {
    'package.json': pkg(['express', 'some-cache']),
    'config.js': 'cache(process.env.REDIS_URL)',
  })
  assert.match(text, /^redis: true/m)
  assert.match(text, /Found by config\.js, which reads REDIS_URL/)
  const without = await of(t, {
    'package.json': pkg(['express']),
    'config.js': 'cache(process.env.UPSTASH_REDIS_REST_URL)',
  })
  assert.doesNotMatch(without.text, /^redis: true/m)
})

test('an address of another name is the same address', async t => {
  const { env, warnings } = await of(t, {
    'package.json': pkg(['express', 'redis', 'pg']),
    'config.js': `connect(process.env.POSTGRES_URL)\ncreateClient({ url: process.env.REDIS_URI })`,
  })
  assert.deepEqual(env, { POSTGRES_URL: { database: 'url' }, REDIS_URI: { redis: 'url' } })
  assert.deepEqual(warnings, [])
})

test('health and uploads are those of the live sources, and not of a folder that nothing imports', async t => {
  const old =
    "app.get('/healthz', (q, s) => s.json({ status: 'ok' }))\nmulter({ dest: 'old-uploads/' })\nprocess.env.OLD_KEY.trim()"
  const dead = await of(t, {
    'archive/server-2019/server.js': old,
    'archive/server-2019/package.json': pkg(['express'], { name: 'old' }),
    'src/legacy/app.js': old,
    'server.js': `${SERVER}app.get('/ready', (q, s) => s.send('ok'))`,
  })
  assert.deepEqual(Object.keys(dead.services), ['web'])
  assert.deepEqual(dead.services['web']!.health, { path: '/ready', expect: { text: 'ok' } })
  assert.equal(dead.services['web']!.persist, undefined)
  assert.equal(dead.env, undefined)
  const live = await of(t, {
    'src/backup/store.js': "multer({ dest: 'kept/' })",
    'server.js': `require('./src/backup/store.js')\n${SERVER}`,
  })
  assert.deepEqual(live.services['web']!.persist, ['kept'])
})

test('the body of a health route is its own, and not that of the route after it', async t => {
  const body = async (routes: string) =>
    (await of(t, { 'server.js': SERVER + routes })).services['web']!.health
  const next = "app.get('/status-of-order', (q, s) => s.json({ status: 'ok' }))\n"
  assert.deepEqual(await body(`app.get('/health', (q, s) => s.sendStatus(200))\n${next}`), {
    path: '/health',
  })
  assert.deepEqual(
    await body(`app.get('/health', alive)\n${next}function alive(q, s) { s.json({ ok: true }) }`),
    {
      path: '/health',
      expect: { json: { path: 'ok', equals: true } },
    },
  )
  const nest = `@Controller('health') export class H {\n @Get() one() { return db.ping() }\n @Get('x') two() { return { status: 'up' } }\n}`
  assert.deepEqual((await of(t, { 'src/h.ts': nest })).services['web']!.health, { path: '/health' })
})

test('of several health routes of one controller the one that says it is ready is asked', async t => {
  const nest = `@Controller('health') export class H {
    @Get() report() { return this.health.report() }
    @Get('live') live() { return { status: 'ok' } }
    @Get('ready') async ready() { return { status: status === 'ok' ? 'ok' : 'unavailable' } } }`
  assert.deepEqual((await of(t, { 'src/h.ts': nest })).services['web']!.health, {
    path: '/health/ready',
    expect: { json: { path: 'status', equals: 'ok' } },
  })
})

test('a port that stands in the code is told', async t => {
  const fixed = await of(t, { 'server.js': 'const app = express()\napp.listen(3000)\n' })
  assert.match(fixed.warnings.join(), /server\.js listens on 3000, which stands in the code/)
  const named = await of(t, { 'server.js': 'const PORT = 4000\napp.listen(PORT, () => {})\n' })
  assert.match(named.warnings.join(), /listens on 4000/)
  const read = await of(t, { 'server.js': 'const PORT = process.env.PORT || 4000\napp.listen(PORT)\n' })
  assert.deepEqual(read.warnings, [])
})

test('a port is found in every call that opens one', async t => {
  const port = async (text: string) => {
    const { warnings } = await of(t, { 'server.js': text })
    return /listens on (\d+)/.exec(warnings.join())?.[1] ?? null
  }
  const hono = "import { serve } from '@hono/node-server'\n"
  assert.deepEqual(
    await Promise.all(
      [
        `${hono}serve({ fetch: app.fetch, port: 3000 }, info => console.log(info.port))`,
        `${hono}const port = 3001\nserve({\n  fetch: app.fetch,\n  port\n})`,
        `${hono}serve(app)`,
        `${hono}serve({ fetch: app.fetch, port: Number(process.env.PORT) })`,
        `${hono}serve({ fetch: app.fetch, port: settings.port })`,
        "import { serve } from 'another'\nserve(app)",
        "fastify.listen({ host: '0.0.0.0', port: 3002 }, (error, at) => {})",
        "const server = Hapi.server({ port: 3003, host: 'localhost' })",
        'new WebSocketServer({ port: 3004 })',
        'startStandaloneServer(server, { listen: { port: 4000 } })',
        'app.listen(settings.port)',
        'createServer(handle).listen(0)',
      ].map(port),
    ),
    ['3000', '3001', '3000', null, null, null, '3002', '3003', '3004', '4000', null, null],
  )
})

test('locations of nginx are those of the upstream that the pages do not have', async t => {
  const nginx = `upstream front { server 127.0.0.1:3000; }\nupstream api_servers { server 127.0.0.1:4000; }
    server { location / { proxy_pass http://front; } location /_next/ { proxy_pass http://front; }
      location /v1/ { proxy_pass http://api_servers; } location ~ ^/(auth|hooks)/ { proxy_pass http://api_servers; } }`
  const { routes } = await of(t, {
    'package.json': json({ name: 'root', private: true, workspaces: ['web', 'api'] }),
    'server.js': '',
    'web/package.json': json({
      name: 'web',
      scripts: { build: 'next build', start: 'next start' },
      dependencies: { next: '1' },
    }),
    'api/package.json': pkg(['express'], { name: 'api' }),
    'api/server.js': SERVER,
    'deploy/nginx.conf': nginx,
  })
  assert.deepEqual(routes, { '/v1': 'api', '/auth': 'api', '/hooks': 'api', '/': 'web' })
})

test('an address of this machine as the default of what is built into pages is asked for', async t => {
  const { services, text } = await of(t, {
    'package.json': json({
      name: 'site',
      scripts: { build: 'next build', start: 'next start' },
      dependencies: { next: '1' },
    }),
    'server.js': '',
    'app/page.tsx':
      "const api = process.env.NEXT_PUBLIC_API_URL || 'http://localhost:4000'\nconst t = process.env.NEXT_PUBLIC_TITLE || 'Tea'",
  })
  assert.deepEqual(services['web']!.buildEnv, { NEXT_PUBLIC_API_URL: { from: 'NEXT_PUBLIC_API_URL' } })
  assert.match(text, /check: .*http:\/\/localhost:4000/)
  assert.match(text, /# {0,3}NEXT_PUBLIC_TITLE/)
})
