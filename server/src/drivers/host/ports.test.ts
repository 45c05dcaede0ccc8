import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dropPortWall, portWall } from './nft.ts'
import { freeAppPort, freePartPort } from './ports.ts'
import { isRoot } from './proc.ts'

const PART = 29_017
const APP = 20_017
let home: string

/** Every port from 20000 up to 31999, but one. */
const allBut = (port: number): ReadonlySet<number> =>
  new Set(Array.from({ length: 12_000 }, (_, n) => 20_000 + n).filter(n => n !== port))

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'inn-ports-'))
  await mkdir(join(home, 'edge'))
})
after(async () => {
  await dropPortWall(home)
  await rm(home, { recursive: true })
})

test('a port that another home guards is not free: its wall would drop every answer', async t => {
  if (!isRoot()) return t.skip('only root has walls')
  assert.equal(await freePartPort(allBut(PART)), PART)
  assert.equal(await freeAppPort(allBut(APP), 'any'), APP)
  const wall = portWall(home)
  await wall.hold([PART, APP].map(port => ({ port, uid: 4711 })))
  assert.equal(wall.problem(), null)
  await assert.rejects(freePartPort(allBut(PART)), /no free port between 29000 and 31999/)
  await assert.rejects(freeAppPort(allBut(APP), 'any'), /no free port/)
  await dropPortWall(home)
  assert.equal(await freePartPort(allBut(PART)), PART)
})
