import assert from 'node:assert/strict'
import { test } from 'node:test'
import { write } from '../write.ts'
import { movedWith } from './elsewhere.fixture.ts'

test('services of a file are those of the repository, or more of them, with what the file says of each', async () => {
  const { config, elsewhere } = await movedWith({
    'ecosystem.config.js': `module.exports = { apps: [
      { name: 'ferry', script: 'npm', args: 'start', instances: 2, max_memory_restart: '300M' },
      { name: 'mailer', script: 'dist/mailer.js', max_memory_restart: '20M' },
      { name: 'reports', script: 'reports.py', interpreter: 'python3' },
    ] }`,
  })
  const { api, mailer, ...others } = config.services
  assert.deepEqual(others, {})
  assert.deepEqual([api!.start, api!.instances, api!.memory], ['node dist/server.js', 2, '300MB'])
  assert.deepEqual([mailer!.start, mailer!.worker, mailer!.build], ['node dist/mailer.js', true, api!.build])
  assert.deepEqual(elsewhere, [
    {
      platform: 'PM2',
      file: 'ecosystem.config.js',
      took: [
        'services.api: npm start',
        'services.api.instances: 2',
        'services.api.memory: 300MB',
        'services.mailer: node dist/mailer.js',
      ],
      lost: ['services.mailer.memory: 20 MB is less than 64 MB'],
      unread: ['reports: python3 reports.py: it is no process of Node.js that can be told from its line'],
    },
  ])
})

test('of two files that differ the first counts, and the other is told', async () => {
  const { config, elsewhere } = await movedWith({
    Procfile: 'web: node dist/server.js\nworker: node dist/mailer.js\n',
    'fly.toml':
      '[processes]\napp = "node dist/server.js"\nworker = "node dist/mailer.js"\n[[vm]]\nmemory = "1gb"\nprocesses = ["app"]\n[http_service]\nprocesses = ["app"]\nchecks = [{ path = "/livez" }]\n',
    'railway.json': JSON.stringify({
      deploy: { healthcheckPath: '/healthz', startCommand: 'node dist/server.js' },
    }),
  })
  assert.deepEqual(Object.keys(config.services), ['api', 'worker'])
  assert.deepEqual(config.services['api']!.health, { path: '/livez' })
  assert.deepEqual(elsewhere.at(-1)!.lost, ['services.api.health: /healthz: another file before says /livez'])
})

test('values that look secret, or belong to the other platform, are asked for and never written', async () => {
  const proposal = await movedWith({
    'compose.yaml': `services:
  app:
    build: .
    ports: ["3000:3000"]
    environment:
      DATABASE_URL: postgres://u:hunter2@db/x
      PGHOST: db
      STRIPE_SECRET_KEY: sk_live_hunter2
      HOOK: https://a:hunter2@b.example/x
      BLOB: hunter2hunter2hunter2hunter2hunter2
      API_URL: http://api:4000
      FROM_SHELL: \${HUNTER}
      GREETING: good day
      LIMIT: 20
  db: { image: "postgres:16", environment: { POSTGRES_PASSWORD: hunter2 } }
`,
  })
  assert.doesNotMatch(JSON.stringify(proposal) + write(proposal), /hunter2/)
  const asked = (name: string) => ({ [name]: { from: name } })
  assert.deepEqual(proposal.config.env, {
    ...asked('STRIPE_SECRET_KEY'),
    ...asked('HOOK'),
    ...asked('BLOB'),
    ...asked('API_URL'),
    ...asked('FROM_SHELL'),
    GREETING: 'good day',
    LIMIT: 20,
  })
  assert.deepEqual(proposal.config.database, { postgres: true })
})

test('a command before the traffic becomes the release, through the scripts of the package', async () => {
  const told = async (line: string) => await movedWith({ Procfile: `web: npm start\nrelease: ${line}\n` })
  assert.equal((await told('npm run migrate')).config.release, 'node dist/migrate.js')
  assert.equal((await told('npx knex migrate:latest')).config.release, 'knex migrate:latest')
  const two = await told('node a.js && node b.js')
  assert.equal(two.config.release, undefined)
  assert.match(two.elsewhere[0]!.unread.join(), /more than one command/)
})

test('folders that lead out of the app are no persistent folders', async () => {
  const { config } = await movedWith({
    'compose.yaml':
      'services:\n  app:\n    build: .\n    ports: ["1:1"]\n    volumes: ["a:/app/../etc", "b:/app/uploads/"]\n',
  })
  assert.deepEqual(config.services['web']!.persist, ['uploads'])
})

test('without a file of another platform nothing is told of any', async () => {
  assert.deepEqual((await movedWith({})).elsewhere, [])
})
