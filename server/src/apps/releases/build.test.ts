import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../kernel/failure.ts'
import { BARE, DEPENDENT, OK, PACKAGES, release } from './build.fixture.ts'
import type { Command } from './runner.ts'

const START = 'start: node a.js'

test('a build installs, builds, and leaves out what is for development alone, in the folder of each', async t => {
  const files = {
    'package.json': JSON.stringify({ workspaces: ['api'] }),
    'package-lock.json': '',
    'api/package.json': DEPENDENT,
    'api/a.js': '',
  }
  const one = await release(t, files, `${START}, root: api, build: [npm run build], devDependencies: prune`)
  assert.match(await one.run(), /^api built in /)
  assert.deepEqual(one.commands(), [
    'npm ci --no-audit --no-fund',
    'npm run build',
    'npm prune --omit=dev --no-audit --no-fund',
  ])
  const tree = join(one.at, 'tree')
  assert.deepEqual(
    one.ran.map(command => command.cwd),
    [tree, join(tree, 'api'), tree],
  )
})

test('a program of a build is bounded, confined, and knows what it needs and no more', async t => {
  const one = await release(t, { 'package.json': DEPENDENT, 'pnpm-lock.yaml': '', 'a.js': '' }, START, {
    KEY: 'k',
    CI: 'own',
  })
  await one.run()
  const [{ env, memoryBytes, background, pidFile, confinement: held, timeoutMs }] = one.ran as [Command]
  assert.deepEqual([memoryBytes, background, pidFile], [5, true, join(one.at, 'build.pid')])
  assert.equal(held!.inside, one.at)
  assert.equal(timeoutMs, one.config.buildTimeout)
  const tree = join(one.at, 'tree')
  const node = env!['PATH']!.split(':')[0]!
  assert.deepEqual(env, {
    HTTPS_PROXY: 'http://proxy',
    CI: 'own',
    HOME: '/cache',
    npm_config_update_notifier: 'false',
    KEY: 'k',
    PATH: `${node}:/pnpm@null:/npm@null:${tree}/node_modules/.bin:${tree}/node_modules/.bin:/usr/bin`,
  })
})

test('what was done already in this release is not done again', async t => {
  const one = await release(t, PACKAGES, `${START}, build: [npm run build]`)
  await one.run()
  assert.equal(await one.run(), 'api shares a build that is done')
  assert.equal(one.ran.length, 2)
  const [service] = one.config.services
  assert.match(await one.run({ ...service!, build: [['npm', 'run', 'other']] }), /^api built in /)
  assert.deepEqual(one.commands().slice(2), ['npm run other'], 'another build, with the same packages')
})

test('a step that fails ends the build with what it said last, and leaves no mark of being done', async t => {
  const one = await release(t, PACKAGES, `${START}, build: [npm run build]`)
  one.state.finished = { ...OK, code: 1, tail: 'npm error no such script' }
  for (let n = 0; n < 2; n++)
    await assert.rejects(one.run(), (error: Failure) => {
      assert.equal(error.code, 'build.failed')
      assert.match(error.why, /^npm ci .* ended with 1\nnpm error no such script$/)
      assert.equal(error.fix, `the whole log: ${join(one.at, 'deploy.log')}`)
      return true
    })
  assert.equal(one.ran.length, 2)
  one.state.finished = { ...OK, code: null, signal: 'SIGKILL' }
  await assert.rejects(one.run(), (error: Failure) => /ended with SIGKILL/.test(error.why))
})

test('a build that takes too much is told which bound it was, and how to raise it', async t => {
  for (const [more, says] of [
    ['', /Without buildMemory: .* half of what is free: 4\.0 GB now/],
    ['buildMemory: 4GB', /buildMemory: in innkeeper.yaml says 4\.0 GB/],
    ['buildMemory: 8GB', /asks for 8\.0 GB, and no more than 4\.0 GB was free/],
  ] as const) {
    const one = await release(t, PACKAGES, START, {}, more)
    one.state.memoryBytes = 4 * 1024 ** 3
    one.state.fails = new Failure('exec.memory', 'npm ci was stopped', {
      why: 'it held 5 GB',
      fix: 'make it smaller',
    })
    await assert.rejects(one.run(), { code: 'exec.memory', why: says, fix: /^buildMemory: 8GB/ })
  }
})

test('what a build prints is told as it comes, and kept for its owner alone', async t => {
  const one = await release(t, PACKAGES, START)
  one.state.prints = ['added 3 packages']
  await one.run()
  assert.deepEqual(one.said, ['$ npm ci --no-audit --no-fund', 'added 3 packages'])
  const log = join(one.at, 'deploy.log')
  for (let n = 0; n < 100 && (await readFile(log, 'utf8').catch(() => '')).length < 40; n++) await sleep(10)
  assert.equal(await readFile(log, 'utf8'), '$ npm ci --no-audit --no-fund\nadded 3 packages\n')
})

test('values that were given to a build are hidden in its log', async t => {
  const more =
    'root: ., start: node a.js, build: [npm run build], buildEnv: { TOKEN: { from: TOKEN }, MODE: open }'
  const one = await release(t, PACKAGES, more, { TOKEN: 'given-to-it', MODE: 'open' })
  await one.run()
  assert.deepEqual(
    one.ran.map(command => command.hidden),
    [{ TOKEN: ['given-to-it'] }, { TOKEN: ['given-to-it'] }],
  )
})

test('a site without a page is told before it is served', async t => {
  const empty = await release(t, { ...PACKAGES, 'dist/a.js': '' }, 'static: dist, build: [npm run build]')
  await assert.rejects(empty.run(), (error: Failure) => {
    assert.equal(error.code, 'build.no-files')
    assert.match(error.why, /no index\.html in dist/)
    return true
  })
  const whole = await release(
    t,
    { ...PACKAGES, 'dist/index.html': '' },
    'static: dist, build: [npm run build]',
  )
  assert.match(await whole.run(), /^api built/)
})

test('a start or release file that the build did not make is told, with where the build put it', async t => {
  const more = 'root: api, build: [npm run build]'
  const files = { 'api/package.json': BARE, 'api/dist/src/main.js': '', 'api/dist/src/migrate.js': '' }
  const wrong = await release(t, files, `start: node --inspect=0 ./dist/main, ${more}`)
  await assert.rejects(wrong.run(), {
    code: 'build.no-entry',
    why: 'services.api.start is node --inspect=0 ./dist/main, and after the build there is no such file; there is dist/src/main.js',
    fix: 'services.api.start: node --inspect=0 dist/src/main.js',
  })
  const right = await release(t, files, `start: node dist/src/main, ${more}`)
  assert.match(await right.run(), /^api built/)
  right.config.release = {
    command: ['node', 'dist/migrate.js'],
    service: 'api',
    timeout: 1,
    lockTimeout: 1,
    blockTimeout: 1,
    env: {},
  }
  await assert.rejects(right.run(), { code: 'build.no-entry', fix: 'release: node dist/src/migrate.js' })
  const gone = await release(t, { 'api/package.json': BARE }, `start: node dist/main, ${more}`)
  await assert.rejects(gone.run(), { code: 'build.no-entry', fix: /correct services.api.start/ })
})
