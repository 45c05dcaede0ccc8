import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { exec, execOk } from '../server/src/drivers/host/exec.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

let folder: string
let tarball: string
let server: Server
const HERE = join(import.meta.dirname, '..')

const sh = (argv: string[], more: { cwd?: string; env?: Record<string, string> } = {}) =>
  execOk({ argv, cwd: folder, timeoutMs: 240_000, ...more, env: { ...inherited(), ...more.env } }, argv[0]!)
/** The registry that this machine is set up for. */
const inherited = () =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inn-t-pack-'))
  await chmod(folder, 0o755)
  const made = await sh([join(HERE, 'inn'), 'pack', '--into', folder, '--json'])
  tarball = (JSON.parse(made.stdout) as { file: string }).file
})
after(async () => {
  await server?.remove()
  await rm(folder, { recursive: true, force: true })
})

test('a release is one archive with its checksum, and made again it is the same to the byte', async () => {
  await sh(['sha256sum', '-c', `${tarball}.sha256`])
  const again = join(folder, 'again')
  const { stdout } = await sh([join(HERE, 'inn'), 'pack', '--into', again, '--json'])
  const { sha256 } = JSON.parse(stdout) as { sha256: string }
  assert.equal((await readFile(`${tarball}.sha256`, 'utf8')).split(' ')[0], sha256)
  const { stdout: names } = await sh(['tar', '-tzf', tarball])
  assert.match(names, /package\/server\/src\/bin\/inn\.js\n/)
  assert.match(names, /package\/web\/dist\/index\.html\n/)
  assert.doesNotMatch(names, /\.ts\n|\.test\.|\/test\/|node_modules/)
})

test('a server runs a release: an app with a database is deployed by it, backed up and proven', async () => {
  const at = join(folder, 'package')
  await sh(['tar', '-xzf', tarball, '-C', folder])
  // The launcher brings the packages.
  await sh([join(at, 'inn'), '--version'])
  server = await makeServer({ project: at, backups: true })
  const file = yaml('t-packed', 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n')
  const source = {
    'innkeeper.yaml': file,
    'server.js': serverJs('v1'),
    'db/1.sql': 'create table a (id int);',
  }
  const app = await makeApp(server, 't-packed', source)
  const ended = await app.deploy()
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.equal((await server.inn(['backup', 'now', 't-packed', '--wait'])).json.outcome, 'done')
  const drill = await server.inn(['drill', 'now', 't-packed'])
  assert.equal(drill.json.outcome, 'done', drill.text)
  const { stdout } = await exec({ argv: [join(at, 'inn'), '--help'], timeoutMs: 20_000 })
  assert.doesNotMatch(stdout, /^ {2}(test|demo|dev|pack)\b/m)
})

test('npm installs the command line from the archive, and it reaches a keeper', async () => {
  const prefix = join(folder, 'laptop')
  await sh(['npm', 'install', '--global', '--prefix', prefix, '--ignore-scripts', tarball])
  const { stdout } = await sh([join(prefix, 'bin/inn'), 'status', '--json'], {
    env: { INNKEEPER_HOME: server.home },
  })
  const { apps } = JSON.parse(stdout) as { apps: Array<{ name: string; state: string }> }
  assert.deepEqual(
    apps.map(({ name, state }) => [name, state]),
    [['t-packed', 'serving']],
  )
})
