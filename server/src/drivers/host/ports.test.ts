import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { execOk } from './exec.ts'
import { dropPortWall, portWall } from './nft.ts'
import { freeAppPorts, freePartPort } from './ports.ts'
import { isRoot } from './proc.ts'

const PART = 29_017
/** Found free before and after: each port is given once in a minute. */
const [BEFORE, AFTER] = [29_018, 29_019]
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
  assert.equal(await freePartPort(allBut(BEFORE)), BEFORE)
  assert.deepEqual(await freeAppPorts(allBut(APP), 'any', 1), [APP])
  const wall = portWall(home)
  await wall.hold([PART, APP].map(port => ({ port, uid: 4711 })))
  assert.equal(wall.problem(), null)
  await assert.rejects(freePartPort(allBut(PART)), /no free port between 29000 and 31999/)
  await assert.rejects(freeAppPorts(allBut(APP), 'any', 1), /no free port/)
  await dropPortWall(home)
  assert.equal(await freePartPort(allBut(PART)), PART)
  assert.deepEqual(await freeAppPorts(allBut(APP), 'any', 1), [APP])
})

test('several ports are found at once, each a different one, and the same ones again', async () => {
  const found = await freeAppPorts(new Set(), 'several', 5)
  assert.equal(new Set(found).size, 5)
  assert.deepEqual(await freeAppPorts(new Set(), 'several', 5), found)
  await assert.rejects(freeAppPorts(allBut(APP), 'any', 2), /no free port/)
})

test('a port that was given to a part is given to nobody else, also by another process, before the part listens', async () => {
  assert.equal(await freePartPort(allBut(AFTER)), AFTER)
  await assert.rejects(freePartPort(allBut(AFTER)), /no free port/)
  const script = `import { freePartPort } from ${JSON.stringify(new URL('ports.ts', import.meta.url).href)}
    const others = new Set(Array.from({ length: 3000 }, (_, n) => 29000 + n).filter(n => n !== ${AFTER}))
    freePartPort(others).then(() => console.log('given'), () => console.log('refused'))`
  const { stdout } = await execOk(
    { argv: [process.execPath, '--input-type=module', '-e', script], timeoutMs: 30_000 },
    'asking as another process',
  )
  assert.equal(stdout.trim(), 'refused')
})
