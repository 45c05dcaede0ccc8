import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { homeAt } from '../../config/home.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import { heldSource } from '../../kernel/held-source.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import { build } from './build.ts'
import type { Earlier } from './earlier.ts'
import type { Command, Finished } from './runner.ts'
import type { Compared } from './sealed.ts'

const OK: Finished = { code: 0, signal: null, tail: '', stdout: '', ms: 1 }

const DEPENDENT = JSON.stringify({ dependencies: { pg: '1' } })
const BARE = JSON.stringify({ name: 'x' })

/** A release whose programs do nothing, and what was run in it. */
async function release(
  t: TestContext,
  files: Record<string, string>,
  more = '',
  env: Record<string, string> = {},
  file = '',
) {
  const at = await mkdtemp(join(tmpdir(), 'inn-build-'))
  t.after(() => rm(at, { recursive: true, force: true }))
  const config = readConfigOrFail(`name: shop\nservices: { api: { ${more} } }\n${file}\n`)
  const ran: Command[] = []
  const markers = new Set<string>()
  const said: string[] = []
  const state = {
    finished: OK,
    prints: [] as string[],
    memoryBytes: 5,
    fails: null as Failure | null,
    compared: { lost: null, added: [] } as Compared,
    cacheBytes: 5,
    earlier: [] as Earlier[],
    answers: {} as Record<string, Partial<Finished>>,
  }
  const run = (service = config.services[0]!) =>
    build(
      {
        async run(command) {
          ran.push(command)
          if (state.fails !== null) throw state.fails
          for (const line of state.prints) command.onLine!(line)
          return { ...state.finished, ...state.answers[command.argv[0]!] }
        },
        runtimes: {
          node: async major => `/node${major}`,
          manager: async (name, { version }) => `/${name}@${version}`,
          toolchain: async () => 'node 24',
        },
        network: { HTTPS_PROXY: 'http://proxy' },
        systemPath: '/usr/bin',
        source: () => heldSource(files),
        files: {
          exists: async path => markers.has(path),
          folder: async () => {},
          write: async path => void markers.add(path),
          seal: async (_, list) => void markers.add(list),
          compare: async () => state.compared,
          size: async () => state.cacheBytes,
          packagesDigest: async (archive, folder) => `${archive} ${folder}`,
        },
      },
      {
        config,
        service,
        at,
        log: join(at, 'deploy.log'),
        archive: '/uploads/abc.tgz',
        earlier: state.earlier,
        cache: '/cache',
        confinement: confinement({ home: homeAt('/h'), app: 'shop', user: null, inside: at, cgroup: null }),
        env,
        memoryBytes: state.memoryBytes,
        signal: new AbortController().signal,
        say: line => void said.push(line),
      },
    )
  return { at, run, ran, said, state, markers, config, commands: () => ran.map(one => one.argv.join(' ')) }
}

const START = 'start: node a.js'
const PACKAGES = { 'package.json': DEPENDENT, 'package-lock.json': '', 'a.js': '' }

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
    env: {},
  }
  await assert.rejects(right.run(), { code: 'build.no-entry', fix: 'release: node dist/src/migrate.js' })
  const gone = await release(t, { 'api/package.json': BARE }, `start: node dist/main, ${more}`)
  await assert.rejects(gone.run(), { code: 'build.no-entry', fix: /correct services.api.start/ })
})

/** A second release of the same, after the first one was built. */
async function again(t: TestContext, more = '') {
  const one = await release(t, PACKAGES, `start: node a.js, build: npm run b${more}`)
  await one.run()
  for (const marker of [...one.markers]) if (marker.includes('/done/')) one.markers.delete(marker)
  one.state.earlier = [{ id: 'r1', at: one.at, tree: '/r1/tree' }]
  one.state.answers['find'] = { stdout: 'node_modules\0web/node_modules\0' }
  one.ran.length = 0
  one.said.length = 0
  return one
}

test('packages that were installed from the same are copied, without what came after the install', async t => {
  const one = await again(t)
  const built = ['.next/standalone/node_modules', '.next/standalone/node_modules/next']
  one.state.compared = { lost: null, added: ['node_modules/.prisma', 'node_modules/a b', ...built] }
  one.state.answers['find'] = { stdout: `node_modules\0web/node_modules\0${built[0]}\0` }
  await one.run()
  const tree = join(one.at, 'tree')
  assert.deepEqual(one.commands().slice(1), [
    `cp -a --reflink=auto -T /r1/tree/node_modules ${tree}/node_modules`,
    `cp -a --reflink=auto -T /r1/tree/web/node_modules ${tree}/web/node_modules`,
    'xargs -0 rm -rf --',
    'grep -rlFIs -m 1 -- /r1/tree/ node_modules web/node_modules',
    'npm run b',
  ])
  assert.equal(
    one.ran.find(command => command.argv[0] === 'xargs')!.input,
    'node_modules/.prisma\0node_modules/a b',
  )
  assert.match(one.said.join('\n'), /the packages of r1/)
})

test('packages that are not as they were, or that say where they lie, are installed', async t => {
  const installs = async (change: (one: Awaited<ReturnType<typeof again>>) => void) => {
    const one = await again(t)
    change(one)
    await one.run()
    const commands = one.commands()
    return {
      installed: commands.includes('npm ci --no-audit --no-fund'),
      removed: commands.includes('rm -rf -- node_modules web/node_modules'),
    }
  }
  const no = { installed: false, removed: false }
  assert.deepEqual(await installs(() => {}), no)
  const only = { installed: true, removed: false }
  const both = { installed: true, removed: true }
  assert.deepEqual(
    await installs(one => (one.state.compared = { lost: 'node_modules/a/index.js', added: [] })),
    only,
  )
  assert.deepEqual(await installs(one => (one.state.compared = { lost: null, added: null })), only)
  assert.deepEqual(await installs(one => (one.state.earlier = [])), only)
  assert.deepEqual(await installs(one => (one.state.answers['find'] = { stdout: '' })), only)
  assert.deepEqual(await installs(one => (one.state.answers['cp'] = { code: 1 })), both)
  assert.deepEqual(
    await installs(one => (one.state.answers['grep'] = { stdout: 'node_modules/a/where.json\n' })),
    both,
  )
})

test('what build tools keep is brought from the newest release, unless it has grown too large', async t => {
  const brought = async (bytes: number, ...there: string[]) => {
    const one = await again(t)
    one.state.cacheBytes = bytes
    for (const path of there) one.markers.add(path)
    await one.run()
    return {
      said: one.said.join('\n'),
      copied: one.commands().filter(text => text.includes('.next/cache')).length,
    }
  }
  assert.equal((await brought(5)).copied, 0)
  assert.equal((await brought(5, '/r1/tree/.next/cache')).copied, 1)
  const large = await brought(2 * 1024 ** 3, '/r1/tree/.next/cache')
  assert.equal(large.copied, 0)
  assert.match(large.said, /\.next\/cache of r1 has 2\.0 GB: the build begins without it/)
})
