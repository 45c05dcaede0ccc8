import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { userName } from '../../server/src/apps/app/names.ts'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { findAccount } from '../../server/src/drivers/host/users.ts'
import type { Run } from '../../server/src/engine/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { firstPoint, points } from '../kit/data.ts'
import { failureOf, good } from '../kit/proof.ts'
import { makeServer, type Server } from '../kit/server.ts'
import { ask } from '../kit/visitors.ts'
import { asUserOf, besides, entry } from './kit.ts'

// What root does in folders that an app decides the content of. The canary belongs to root, and nobody else may read it.

const [HOSTILE, VICTIM] = ['t-hostile', 't-victim']
const SECRET = 'canary of root'
let server: Server
let hostile: Fixture
let victim: Fixture
let canary: string

before(async () => {
  canary = await mkdtemp(join(tmpdir(), 'inn-canary-'))
  await chmod(canary, 0o700)
  await writeFile(join(canary, 'secret'), SECRET, { mode: 0o600 })
  server = await makeServer({ backups: true })
  victim = await makeApp(server, VICTIM, { 'innkeeper.yaml': yaml(VICTIM), 'server.js': serverJs('v1') })
  hostile = await makeApp(server, HOSTILE, {
    'innkeeper.yaml': yaml(HOSTILE, 'redis: true\n', '    persist: [uploads]\n'),
    'server.js': serverJs('v1'),
    'uploads/seed.txt': 'from the source',
  })
  for (const app of [victim, hostile]) good(await app.deploy())
})

after(async () => {
  await server?.remove()
  await rm(canary, { recursive: true, force: true })
})

const at = (...parts: string[]) => join(server.home, 'apps', HOSTILE, ...parts)
const evil = (script: string) => asUserOf(server, HOSTILE, script)

/** Nothing of root's was given away, changed, removed, or can be read. */
async function unharmed(): Promise<void> {
  const [folder, file] = await Promise.all([stat(canary), stat(join(canary, 'secret'))])
  assert.deepEqual([folder.uid, folder.mode & 0o777, file.uid, file.mode & 0o7777], [0, 0o700, 0, 0o600])
  assert.deepEqual(await readdir(canary), ['secret'])
  assert.equal(await readFile(join(canary, 'secret'), 'utf8'), SECRET)
}

test('an archive cannot bring a file that runs as its owner, and its files belong to the app', async () => {
  await hostile.write({ 'tool.sh': '#!/bin/sh\nid -u\n' })
  await chmod(join(hostile.folder, 'tool.sh'), 0o6777)
  good(await hostile.deploy())
  const { uid } = (await findAccount(userName(server.home, HOSTILE)))!
  const [release] = (await readdir(at('releases'))).sort().slice(-1)
  const tree = at('releases', release!, 'tree')
  for (const name of await readdir(tree)) {
    const info = await lstat(join(tree, name))
    assert.equal(info.uid, uid, name)
    if (!info.isSymbolicLink()) assert.equal(info.mode & 0o7022, 0, name)
  }
  assert.equal((await stat(at('releases', release!))).uid, 0)
})

test('an archive with two configurations is refused: what is checked is what runs', async () => {
  const shown = yaml(HOSTILE, 'redis: true\n', '    persist: [uploads]\n')
  for (const [second, why] of [
    [entry('innkeeper.yaml', `${shown}keep: 3\n`, '7'), /ContiguousFile|twice/],
    [entry('./innkeeper.yaml', '# nothing\n', '0'), /twice/],
  ] as const) {
    const archive = gzipSync(Buffer.concat([entry('innkeeper.yaml', shown, '0'), second, Buffer.alloc(1024)]))
    const upload = createHash('sha256').update(archive).digest('hex')
    await server.client.put(`/api/uploads/${upload}`, Readable.from([archive]), archive.length)
    const asked = { upload, commit: null }
    const { run } = await server.client.post<{ run: { id: string } }>(`/api/apps/${HOSTILE}/deploys`, asked)
    let seen: Run | null = null
    for (let n = 0; n < 100 && seen?.outcome == null; n++, await sleep(100))
      seen = await server.client.get<Run>(`/api/runs/${run.id}`)
    assert.equal(seen!.outcome, 'undone')
    assert.equal(seen!.failure!.code, 'archive.refused')
    assert.match(seen!.failure!.why, why)
  }
})

test('the edge follows no link by which an app leads it to a neighbour, above its static folder either', async () => {
  const site = await makeApp(server, 't-site', {
    'innkeeper.yaml': `name: t-site\nservices: { web: { static: dist }, api: { start: node server.js, persist: [dist/uploads] } }\nroutes: { /: web, /api: api }\nwatch: 0\n`,
    'dist/index.html': 'own',
    'server.js': serverJs('v1'),
  })
  good(await site.deploy())
  const { url } = await server.app('t-site', found => found.state === 'serving')
  assert.equal((await ask(`${url}/index.html`)).body, 'own')
  const tree = join(server.home, 'apps/t-site/releases/r1/tree')
  // What visitors sent lies behind a link, too: that one is followed, and none that they sent.
  const swapped = join(server.home, 'apps', VICTIM, 'releases/r1/tree/server.js')
  await asUserOf(
    server,
    't-site',
    `cd ${tree}/dist/uploads && echo photo >photo.txt && ln -s ${swapped} a.txt && ln -s /etc/passwd b.txt && ln -s ${tree}/server.js c.txt`,
  )
  assert.equal((await ask(`${url}/uploads/photo.txt`)).body, 'photo\n')
  for (const name of ['a', 'b', 'c']) {
    const { status, body } = await ask(`${url}/uploads/${name}.txt`)
    assert.doesNotMatch(`${status} ${body}`, /createServer|t-victim|root:x:0|photo/, name)
  }
  for (const target of [join(server.home, 'apps', VICTIM, 'releases/r1/tree'), '/etc']) {
    await asUserOf(
      server,
      't-site',
      `cd ${tree} && rm -rf dist.old && mv dist dist.old && ln -s ${target} dist`,
    )
    for (const path of ['/server.js', '/innkeeper.yaml', '/passwd', '/hostname'])
      assert.doesNotMatch((await ask(`${url}${path}`)).body, /createServer|t-victim|root:x:0/)
    await asUserOf(server, 't-site', `cd ${tree} && rm dist && mv dist.old dist`)
  }
  assert.equal((await ask(`${url}/index.html`)).body, 'own')
})

test('a migration that is a link to a file of root is not run, and nothing of it is told', async () => {
  for (const swap of [
    `symlinkSync(${JSON.stringify(join(canary, 'secret'))}, '1.sql')`,
    `symlinkSync('/dev/zero', '1.sql')`,
  ]) {
    const trap = await makeApp(server, 't-trap', {
      'innkeeper.yaml': `${yaml('t-trap', 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n', '    build: ["node swap.js"]\n')}`,
      'server.js': serverJs('v1'),
      'db/1.sql': 'select 1;',
      'swap.js': `const { rmSync, symlinkSync } = require('node:fs'); process.chdir('db'); rmSync('1.sql', { force: true }); ${swap}`,
    })
    const failure = failureOf(await trap.deploy(), 'source.refused')
    assert.doesNotMatch(failure.why, /canary of root/)
  }
})

test('a neighbour reads nothing of an app, whatever the permissions of its files', async () => {
  const tree = join(server.home, 'apps', VICTIM)
  const said = await evil(
    `ls ${tree} ${tree}/releases ${tree}/releases/*/tree; cat ${tree}/releases/r1/tree/server.js`,
  )
  assert.match(said, /Permission denied/)
  assert.doesNotMatch(said, /createServer|server\.js$/m)
})

test('links in a persistent folder lead root nowhere at the next deploy', async () => {
  await evil(
    `cd ${at('shared/uploads')} && ln -s ${canary} deep && ln -s ${canary}/secret plain && ln -s ${canary} deeper`,
  )
  await hostile.write({
    'innkeeper.yaml': yaml(HOSTILE, 'redis: true\n', '    persist: [uploads/deep, uploads/deeper/still]\n'),
    'uploads/deep/secret': 'from the source',
    'uploads/deeper/still/new': 'from the source',
  })
  const ended = await hostile.deploy()
  assert.equal(failureOf(ended, 'release.persist').code, 'release.persist')
  assert.equal(ended.json.outcome, 'undone')
  await unharmed()
  await evil(`cd ${at('shared/uploads')} && rm deep deeper plain`)
})

test('persistent folders inside of one another are refused before anything is made', async () => {
  await hostile.write({
    'innkeeper.yaml': yaml(HOSTILE, 'redis: true\n', '    persist: [uploads, uploads/photos]\n'),
  })
  assert.match(failureOf(await hostile.deploy(), 'config.invalid').why, /inside of "uploads"/)
  await hostile.write({ 'innkeeper.yaml': yaml(HOSTILE, 'redis: true\n', '    persist: [uploads]\n') })
})

test('the configuration of its Redis is out of reach of the app, and of names that it could guess', async () => {
  const said = await evil(
    `cd ${at('settings')} && ln -s ${canary}/secret .redis.conf.1.tmp; echo x >>${at('settings/redis.conf')}; ls -ld ${at('settings')}`,
  )
  assert.match(said, /Permission denied/)
  assert.match(said, /root root/)
  good(await hostile.deploy())
  await unharmed()
})

test('a folder of a service that the build replaced with a link is not entered', async () => {
  const web = '    root: app\n    build: ["node swap.js"]\n'
  for (const target of [join(server.home, 'apps', VICTIM), '/etc', canary]) {
    await hostile.write({
      'innkeeper.yaml': yaml(HOSTILE, '', web),
      'app/server.js': serverJs('v1'),
      'app/swap.js': `const fs = require('node:fs'); process.chdir('..'); fs.rmSync('app', { recursive: true }); fs.symlinkSync(${JSON.stringify(target)}, 'app')`,
    })
    const ended = await hostile.deploy()
    assert.equal(ended.json.outcome, 'undone', ended.text)
    const { code, why } = ended.json.failure!
    assert.ok(
      ['deploy.exits', 'deploy.not-ready', 'build.no-entry', 'source.refused'].includes(code),
      ended.text,
    )
    assert.doesNotMatch(why, /canary of root|root:x:0/)
  }
  await unharmed()
})

for (const [what, make, code] of [
  ['a named pipe', `execFileSync('mkfifo', ['package.json'])`, 'source.refused'],
  ['a link to a file of root', `symlinkSync('/etc/shadow', 'package.json')`, 'source.refused'],
  ['a device by a link', `symlinkSync('/dev/zero', 'package.json')`, 'source.refused'],
  [
    'a file without end',
    `closeSync(openSync('package.json', 'w')); truncateSync('package.json', 2 ** 34)`,
    'source.refused',
  ],
] as const) {
  test(`${what} where a package.json should be ends the build at once, and tells nothing of it`, async () => {
    const second = `  next:\n    start: node server.js\n    worker: true\n    root: next\n`
    await hostile.write({
      'innkeeper.yaml': yaml(HOSTILE, '', `    build: ["node swap.js"]\n${second}`),
      'next/server.js': serverJs('v1'),
      'swap.js': `const { closeSync, openSync, rmSync, symlinkSync, truncateSync } = require('node:fs'); const { execFileSync } = require('node:child_process'); process.chdir('next'); ${make}`,
    })
    const begun = Date.now()
    const failure = failureOf(await hostile.deploy(), code)
    assert.ok(Date.now() - begun < 20_000)
    assert.doesNotMatch(failure.why, /root:/)
  })
}

test('what the keeper removes while the app swaps folders for links is the app’s alone', async () => {
  await hostile.write({ 'innkeeper.yaml': yaml(HOSTILE, 'keep: 2\n'), 'swap.js': null })
  good(await hostile.deploy())
  const swapping = besides(
    server,
    HOSTILE,
    `const fs = require('node:fs'); const { join } = require('node:path')
const top = ${JSON.stringify(at('releases'))}
for (;;) for (let n = 1; n <= 30; n++) try {
  const id = 'r' + n
  const [dir, link] = [join(top, id, 'tree', 'd'), join(top, id, 'tree', 'l')]
  fs.mkdirSync(dir, { recursive: true })
  for (let n = 0; n < 50; n++) fs.writeFileSync(join(dir, 'secret' + n), '')
  fs.symlinkSync(${JSON.stringify(canary)}, link)
  fs.renameSync(dir, dir + '.away'); fs.renameSync(link, dir)
  fs.rmSync(dir); fs.rmSync(dir + '.away', { recursive: true })
} catch {}`,
  )
  try {
    for (let n = 0; n < 3; n++) await hostile.deploy()
  } finally {
    await swapping.end()
  }
  await unharmed()
})

test('links and hard links among an app’s files give it nothing at a backup and its restore', async () => {
  await evil(
    `cd ${at('shared/uploads')} && ln -s ${canary}/secret link && echo own >own && ln ${canary}/secret hard`,
  )
  // Somebody else's number, as after a restore on a machine with other users.
  await chown(at('shared/uploads/own'), 54_321, 54_321)
  await hostile.write({
    'innkeeper.yaml': yaml(HOSTILE, 'database: { postgres: true }\n', '    persist: [uploads]\n'),
  })
  good(await hostile.deploy())
  await firstPoint(server)
  // The keeper makes the first one of a new database by itself.
  good(await server.inn(['backup', 'now', HOSTILE, '--wait']))
  const point = (await points(server)).find(p => p.app === HOSTILE)!
  const restore = server.inn(['restore', HOSTILE, '--point', point.name, '--yes'])
  const closed: string[] = []
  for (let ended = false; !ended; ) {
    closed.push(await evil(`ls ${at('closed')} 2>&1; touch ${at('closed')}/x 2>&1`))
    ended = await Promise.race([restore.then(() => true), sleep(100).then(() => false)])
  }
  good(await restore)
  assert.ok(closed.length > 0 && closed.every(said => /Permission denied/.test(said)))
  const { uid } = (await findAccount(userName(server.home, HOSTILE)))!
  for (const name of await readdir(at('shared/uploads')))
    assert.equal((await lstat(at('shared/uploads', name))).uid, uid, name)
  assert.doesNotMatch(await evil(`cat ${at('shared/uploads')}/* 2>&1`), /canary of root/)
  await unharmed()
})

test('an app that is removed takes its processes with it, wherever they went, and leaves no file', async () => {
  const { uid } = (await findAccount(userName(server.home, HOSTILE)))!
  const leaving = besides(server, HOSTILE, `setInterval(() => {}, 1000)`)
  await sleep(300)
  good(await server.inn(['remove', HOSTILE, '--data']))
  const owners = await Promise.all(
    (await readdir('/proc'))
      .filter(name => /^\d+$/.test(name))
      .map(pid => stat(`/proc/${pid}`).catch(() => null)),
  )
  assert.ok(!owners.some(info => info?.uid === uid))
  await leaving.end()
  assert.equal(await findAccount(userName(server.home, HOSTILE)), null)
  const { stdout } = await execOk(
    { argv: ['find', server.home, '-uid', String(uid)], timeoutMs: 30_000 },
    'find',
  )
  assert.equal(stdout, '')
})
