import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { readAs } from './elsewhere.fixture.ts'
import type { Foreign } from './foreign.ts'

const brief = ({ services, release, env, databases, lost, unread }: Foreign) => ({
  services: services.map(({ name, command, worker, instances, memory, health, persist }) =>
    [
      name,
      command,
      worker ? 'worker' : 'web',
      instances,
      memory === null ? null : memory / 1024 ** 2,
      health,
      ...persist,
    ].filter(one => one !== null),
  ),
  release,
  env: env.map(({ name, value }) => `${name}=${value ?? '?'}`),
  databases,
  lost,
  unread,
})

test('Procfile', () => {
  const found = readAs(
    'Procfile',
    '# ours\nweb: npm start\n\nmailer: node m.js\nrelease: npm run migrate\nnonsense\n',
  )
  assert.deepEqual(brief(found), {
    services: [
      ['web', 'npm start', 'web'],
      ['mailer', 'node m.js', 'worker'],
    ],
    release: 'npm run migrate',
    env: [],
    databases: [],
    lost: [],
    unread: ['line 6 is not NAME: COMMAND'],
  })
})

test('app.json of Heroku, and not that of Expo', () => {
  const found = readAs(
    'app.json',
    JSON.stringify({
      name: 'Ferry',
      env: {
        GREETING: 'hello',
        SESSION_KEY: { generator: 'secret' },
        LATER: { required: false },
        PLAN: { value: 'b' },
      },
      formation: { web: { quantity: 2, size: 'eco' } },
      addons: ['heroku-postgresql:mini', { plan: 'heroku-redis' }, 'papertrail'],
      scripts: { postdeploy: 'node seed.js' },
      stack: 'heroku-24',
    }),
  )
  assert.deepEqual(brief(found), {
    services: [['web', 'web', 2]],
    release: null,
    env: ['GREETING=hello', 'SESSION_KEY=?', 'PLAN=b'],
    databases: ['postgres', 'redis'],
    lost: [
      'addons: papertrail: it is not kept here',
      'scripts.postdeploy: node seed.js: it ran once for a new app: run it with `inn run`',
      'stack: the version of Node.js stands under services.*.node',
    ],
    unread: [],
  })
  assert.deepEqual(readAs('app.json', '{"expo":{"name":"x"}}').lost, [])
})

test('PM2’s file as JavaScript, JSON and YAML', () => {
  const apps = [
    {
      name: 'api',
      script: './dist/server.js',
      instances: 4,
      max_memory_restart: '300M',
      cron_restart: '0 3 * * *',
      env: { PORT: 3000 },
      env_production: { LOG_LEVEL: 'warn' },
    },
    { name: 'mails', script: 'mails.ts', args: ['--quiet'], watch: true },
    { name: 'shop', script: 'npm', args: 'run serve', env: { PORT: 4000 } },
  ]
  const expected = {
    services: [
      ['api', 'node dist/server.js', 'web', 4, 300],
      ['mails', 'tsx mails.ts --quiet', 'worker'],
      ['shop', 'npm run serve', 'web'],
    ],
    release: null,
    env: [],
    databases: [],
    lost: [
      'api: cron_restart: nothing is restarted by the clock: say memory: if it grows',
      'api: port 3000: each instance gets a port of its own, in $PORT',
      'mails: watch: a deploy brings a new version, nothing watches files',
      'shop: port 4000: each instance gets a port of its own, in $PORT',
    ],
    unread: [],
  }
  const json = JSON.stringify({ apps })
  assert.deepEqual(brief(readAs('pm2.json', json)), expected)
  assert.deepEqual(brief(readAs('ecosystem.config.cjs', `module.exports = ${json};\n`)), expected)
  assert.deepEqual(brief(readAs('ecosystem.config.js', `export default ${json}`)), expected)
  assert.deepEqual(brief(readAs('ecosystem.yaml', stringify({ apps }))), expected)
  const odd = readAs(
    'ecosystem.config.js',
    "module.exports = { apps: [{ name: 'a', script: file(), instances: cpus() }] }",
  )
  assert.deepEqual(odd.unread, [
    'a: script is no literal (file())',
    'a: instances is no literal (cpus())',
    'a: no script can be read',
  ])
})

test('a compose file', () => {
  const found = readAs(
    'compose.yaml',
    `services:
  web:
    build: { context: . }
    command: sh -c "node dist/server.js"
    ports: ["3000:3000"]
    environment: { GREETING: hello, LOUD: true, KEY: }
    volumes: ["uploads:/app/uploads", "state:/var/state", "./seed:/app/seed", "./:/app", /app/node_modules]
    healthcheck: { test: curl -f http://localhost:3000/healthz || exit 1 }
    deploy: { replicas: 3, resources: { limits: { memory: 512M } } }
    env_file: .env
    depends_on: [db]
  mailer: { build: ., command: [node, dist/mailer.js], mem_limit: 128m, restart: always }
  db: { image: "postgis/postgis:16" }
  cache: { image: "valkey/valkey:8" }
  old: { image: "mongo:7" }
  front: { image: "traefik:3" }
  search: { image: "getmeili/meilisearch" }
`,
  )
  assert.deepEqual(brief(found), {
    services: [
      ['web', 'node dist/server.js', 'web', 3, 512, '/healthz', 'uploads'],
      ['mailer', 'node dist/mailer.js', 'worker', 128],
    ],
    release: null,
    env: [],
    databases: ['postgres', 'redis', 'mongodb'],
    lost: [
      'web: port 3000:3000: each instance gets a port of its own, in $PORT',
      "web: volume state: /var/state lies outside the app's folder: write below it, and name that under persist",
      'web: volume ./seed: a folder of the machine: copy its files, and say persist: [seed] if the app writes there',
      'web: env_file: files of variables are not read: `inn deploy --env-file` gives them',
      'mailer: restart: what ends is started again',
      'front: traefik:3: the edge takes its place (routes:, domains:, tls:)',
      'search: getmeili/meilisearch: it must run elsewhere, Innkeeper runs what is in the repository',
    ],
    unread: [],
  })
  assert.deepEqual(
    found.services[0]!.env.map(({ name, value }) => [name, value]),
    [
      ['GREETING', 'hello'],
      ['LOUD', 'true'],
      ['KEY', null],
    ],
  )
})

test('a blueprint of Render', () => {
  const found = readAs(
    'render.yaml',
    `services:
  - type: web
    name: ferry
    runtime: node
    plan: starter
    buildCommand: npm ci
    startCommand: node dist/server.js
    preDeployCommand: npm run migrate
    healthCheckPath: /healthz
    numInstances: 2
    disk: { name: files, mountPath: /opt/render/project/src/uploads, sizeGB: 1 }
    envVars:
      - { key: GREETING, value: hello }
      - { key: KEY, generateValue: true }
      - { key: DATABASE_URL, fromDatabase: { name: db, property: connectionString } }
  - { type: worker, name: mailer, runtime: node, startCommand: node dist/mailer.js }
  - { type: cron, name: nightly, runtime: node, schedule: 0 2 * * *, startCommand: node night.js }
  - { type: keyvalue, name: cache }
  - { type: web, name: ml, runtime: python, startCommand: gunicorn a }
databases:
  - { name: db }
`,
  )
  assert.deepEqual(brief(found), {
    services: [
      ['ferry', 'node dist/server.js', 'web', 2, '/healthz', 'uploads'],
      ['mailer', 'node dist/mailer.js', 'worker'],
    ],
    release: 'npm run migrate',
    env: [],
    databases: ['redis', 'postgres'],
    lost: [
      'ferry: plan: the size of a service is its memory:',
      'nightly: node night.js at 0 2 * * *: jobs by the clock have no key yet',
      'ml: Innkeeper runs Node.js, and this runs python',
    ],
    unread: [],
  })
})

test('Railway, as JSON and as TOML', () => {
  const expected = {
    services: [['web', 'node dist/server.js', 'web', 2, '/healthz']],
    release: 'npm run migrate',
    env: [],
    databases: [],
    lost: [
      'build.builder: Innkeeper builds by itself',
      'deploy.restartPolicyType: what ends is started again',
    ],
    unread: [],
  }
  const toml = `[build]
builder = "RAILPACK"
[deploy]
startCommand = "node dist/server.js"
preDeployCommand = ["npm run migrate"]
healthcheckPath = "/healthz"
numReplicas = 2
restartPolicyType = "ON_FAILURE"
`
  assert.deepEqual(brief(readAs('railway.toml', toml)), expected)
  const json = {
    build: { builder: 'RAILPACK' },
    deploy: {
      startCommand: 'node dist/server.js',
      preDeployCommand: 'npm run migrate',
      healthcheckPath: '/healthz',
      numReplicas: 2,
      restartPolicyType: 'ON_FAILURE',
    },
  }
  assert.deepEqual(brief(readAs('railway.json', JSON.stringify(json))), expected)
})

test('fly.toml', () => {
  const found = readAs(
    'fly.toml',
    `app = "ferry"
primary_region = "ams"
[deploy]
release_command = "npm run migrate"
[env]
GREETING = "hello"
[processes]
app = "node dist/server.js"
mailer = "node dist/mailer.js"
[http_service]
internal_port = 8080
auto_stop_machines = "stop"
processes = ["app"]
[[http_service.checks]]
path = "/healthz"
[[vm]]
memory = "1gb"
processes = ["app"]
[mounts]
source = "files"
destination = "/app/uploads"
processes = ["app"]
`,
  )
  assert.deepEqual(brief(found), {
    services: [
      ['app', 'node dist/server.js', 'web', 1024, '/healthz', 'uploads'],
      ['mailer', 'node dist/mailer.js', 'worker'],
    ],
    release: 'npm run migrate',
    env: ['GREETING=hello'],
    databases: [],
    lost: [
      'internal_port 8080: each instance gets a port of its own, in $PORT',
      'auto_stop_machines: an app at rest goes on running',
      'primary_region: it runs on your server',
    ],
    unread: [],
  })
})

test('vercel.json', () => {
  const found = readAs(
    'vercel.json',
    JSON.stringify({
      env: { GREETING: 'hello', KEY: '@key' },
      crons: [{ path: '/api/night', schedule: '0 2 * * *' }],
      rewrites: [
        { source: '/(.*)', destination: '/index.html' },
        { source: '/old', destination: '/new' },
      ],
      regions: ['fra1'],
    }),
  )
  assert.deepEqual(brief(found), {
    services: [],
    release: null,
    env: ['GREETING=hello', 'KEY=?'],
    databases: [],
    lost: [
      'crons: /api/night at 0 2 * * *: jobs by the clock have no key yet',
      'rewrites: /old to /new: the app must do it',
      'regions: it runs on your server',
    ],
    unread: [],
  })
})
