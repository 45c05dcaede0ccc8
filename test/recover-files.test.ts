import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { firstPoint, keeperRows } from './kit/data.ts'
import { emptied } from './kit/lost.ts'
import { failureOf } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-files'
let server: Server
let disk: string

before(async () => {
  disk = await mkdtemp(join(tmpdir(), 'inn-disk-'))
  await chmod(disk, 0o711)
  server = await makeServer({ backups: true })
})

after(async () => {
  await server?.remove()
  await rm(disk, { recursive: true, force: true })
})

test('a server without a database is backed up by itself, and comes back', async () => {
  const where = `backups: { where: { disk: { folder: ${join(disk, 'backups')} } } }\n`
  const app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, where, '    persist: [notes]\n'),
    'server.js': serverJs('v1'),
  })
  assert.equal((await app.deploy()).json.outcome, 'done')
  assert.ok((await firstPoint(server)).points.some(point => point.state === 'good'))
  const note = join(server.home, 'apps', NAME, 'shared/notes/note.txt')
  await writeFile(note, 'kept')
  const again = await server.inn(['backup', 'now'])
  assert.equal(again.json.outcome, 'done', again.text)
  const kit = join(disk, 'kit.txt')
  assert.equal((await server.inn(['recovery', 'kit', '--save', kit])).code, 0)
  await emptied(server.home, disk)
  await rename(join(disk, 'backups'), join(disk, 'away'))
  const gone = failureOf(await server.inn(['recover', '--kit', kit, '--plan']), 'recover.nothing')
  assert.match(gone.why, /^disk: \/.*\/backups is not on this machine: is its disk mounted there\?$/)
  await mkdir(join(disk, 'backups'))
  const empty = failureOf(await server.inn(['recover', '--kit', kit]), 'recover.nothing')
  assert.match(empty.why, /has no backups of Innkeeper in it: is its disk mounted there/)
  await rmdir(join(disk, 'backups'))
  await rename(join(disk, 'away'), join(disk, 'backups'))
  const planned = await server.inn(['recover', '--kit', kit, '--plan'])
  assert.match(JSON.stringify(planned.json['apps']), /"postgres":null/, planned.text)
  const ended = await server.inn(['recover', '--kit', kit])
  assert.equal(ended.code, 0, ended.text)
  assert.equal((await server.app(NAME, a => a.state === 'serving')).state, 'serving')
  assert.equal(await readFile(note, 'utf8'), 'kept')
  const own = keeperRows(server, 'select state, parts from point where app is null order by at')
  assert.ok(own.length > 0)
  for (const { state, parts } of own)
    assert.deepEqual(
      [state, JSON.parse(String(parts)).length],
      ['good', 1],
      'also the one that all of it came from',
    )
})
