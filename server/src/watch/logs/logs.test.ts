import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../kernel/clock.ts'
import { closeAll, endsOf, followLogs } from './follow.ts'
import { everyLine, parseLine, readLogs } from './read.ts'
import type { LogFilter } from './wire.ts'

const at = (second: number) => `2026-11-20T10:00:${String(second).padStart(2, '0')}.00000`
const now = Date.parse('2026-11-20T10:01:00Z')

async function folder(files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'inn-logs-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return path
}

test('a line has its time, its release and its text', () => {
  assert.deepEqual(parseLine(`${at(1)} r5 {"level":"warn","msg":"x"}`, { service: 'api', n: 2 }), {
    at: '2026-11-20T10:00:01.000Z',
    release: 'r5',
    text: '{"level":"warn","msg":"x"}',
    level: 'warn',
    service: 'api',
    n: 2,
  })
  assert.equal(parseLine('no time', { service: 'api', n: 1 }), null)
})

test('of the log of the edge, an app has the lines that are about it', () => {
  const edge = { service: 'edge', n: 1, app: 'shop' }
  assert.deepEqual(parseLine(`${at(1)} edge @shop web r2 GET /x: it did not answer in time`, edge), {
    at: '2026-11-20T10:00:01.000Z',
    service: 'web',
    release: 'r2',
    n: 0,
    level: 'error',
    text: 'edge: GET /x: it did not answer in time',
  })
  for (const other of ['@shopping web r2 GET /: x', '2026/11/28 [warn] @shop web r2 x', 'x'])
    assert.equal(parseLine(`${at(1)} edge ${other}`, edge), null)
})

test('an error in plain words is found by the stack that follows it; colours are left out', async () => {
  const a = await folder({
    current: `${at(1)} r1 fine\n${at(2)} r1 \x1b[31mcannot reach the bank\x1b[39m\n${at(2)} r1     at pay (/srv/pay.js:3:4)\n`,
  })
  const found = await readLogs([{ folder: a, service: 'api', n: 1 }], { level: 'error' }, { lines: 10, now })
  assert.deepEqual(
    found.map(l => l.text),
    ['cannot reach the bank', '    at pay (/srv/pay.js:3:4)'],
  )
  await rm(a, { recursive: true })
})

test('the head of a stack is found also where its stack begins another block, and with a text', async () => {
  const filler = `${at(1)} r1 ${'x'.repeat(90)}\n`
  const many = filler.repeat(Math.floor((256 * 1024) / filler.length) - 1)
  for (const gap of [0, 60, 120, 180, 240]) {
    const head = `${at(2)} r1 ${'y'.repeat(gap)} cannot reach the bank\n`
    const a = await folder({ current: `${many}${head}${at(2)} r1     at pay (/srv/pay.js:3:4)\n${many}` })
    const read = (filter: LogFilter) =>
      readLogs([{ folder: a, service: 'api', n: 1 }], filter, { lines: 10, now })
    assert.equal((await read({ level: 'error' })).length, 2)
    assert.equal((await read({ level: 'error', grep: 'bank' })).length, 1)
    await rm(a, { recursive: true })
  }
})

test('what the edge says of an app is an error, whatever its words', async () => {
  const a = await folder({ current: `${at(1)} edge @shop web r2 GET /long: its answer is too long\n` })
  const read = (filter: LogFilter) =>
    readLogs([{ folder: a, service: 'edge', n: 1, app: 'shop' }], filter, { lines: 10, now })
  for (const level of ['error', 'warn'] as const)
    assert.deepEqual(
      (await read({ level })).map(line => line.text),
      ['edge: GET /long: its answer is too long'],
    )
  await rm(a, { recursive: true })
})

test('a line is whole, also behind signs that break it elsewhere', async () => {
  const a = await folder({
    current: `${at(1)} r1 10 %\r20 %\r\n${at(2)} r1 one\u2028two\u0085three\n${at(3)} r1 \rafter\n${at(4)} r1 open`,
  })
  const found = await readLogs([{ folder: a, service: 'api', n: 1 }], {}, { lines: 10, now })
  const texts = ['10 % 20 %', 'one two three', ' after', 'open']
  assert.deepEqual(
    found.map(l => l.text),
    texts,
  )
  await rm(a, { recursive: true })
})

test('the last lines of several logs come in order of time, rotated files included', async () => {
  const a = await folder({ '@4000.s': `${at(1)} r1 one\n${at(3)} r1 three\n`, current: `${at(5)} r2 five\n` })
  const b = await folder({ current: `${at(2)} r1 two\n${at(4)} r1 ERROR four\n` })
  const sources = [
    { folder: a, service: 'api', n: 1 },
    { folder: b, service: 'web', n: 1 },
  ]
  const read = async (filter = {}, lines = 10) =>
    (await readLogs(sources, filter, { lines, now })).map(l => l.text)
  assert.deepEqual(await read(), ['one', 'two', 'three', 'ERROR four', 'five'])
  assert.deepEqual(await read({}, 2), ['ERROR four', 'five'])
  assert.deepEqual(await read({ level: 'error' }), ['ERROR four'])
  assert.deepEqual(await read({ release: 'r2' }), ['five'])
  assert.deepEqual(await read({ grep: 'TWO' }), ['two'])
  assert.deepEqual(await read({ sinceMs: 57_500 }), ['three', 'ERROR four', 'five'])
  await Promise.all([a, b].map(path => rm(path, { recursive: true })))
})

test('times bound what is read, from the first on and before the last', async () => {
  const a = await folder({ current: [1, 2, 3, 4].map(n => `${at(n)} r1 ${n}\n`).join('') })
  const read = async (filter: LogFilter) =>
    (await readLogs([{ folder: a, service: 'api', n: 1 }], filter, { lines: 10, now })).map(l => l.text)
  const second = (n: number) => Date.parse(`2026-11-20T10:00:0${n}Z`)
  assert.deepEqual(await read({ from: second(2), until: second(4) }), ['2', '3'])
  assert.deepEqual(await read({ until: second(2) }), ['1'])
  assert.deepEqual(await read({ from: second(1), sinceMs: 57_000 }), ['3', '4'])
  await rm(a, { recursive: true })
})

test('lines of JSON are found by their values, also deep ones, and plain lines have none', async () => {
  const said = [
    { level: 30, user: 7, req: { method: 'POST', url: '/a=b' } },
    { level: 30, user: 8, 'req.method': 'POST', ok: true },
    { level: 30, user: null },
  ]
  const lines = [...said.map(value => JSON.stringify(value)), 'user=7', '{"user":7', '[7]']
  const a = await folder({ current: lines.map((text, n) => `${at(n + 1)} r1 ${text}\n`).join('') })
  const read = async (...field: string[]) =>
    (await readLogs([{ folder: a, service: 'api', n: 1 }], { field }, { lines: 10, now })).map(l =>
      lines.indexOf(l.text),
    )
  assert.deepEqual(await read('user=7'), [0])
  assert.deepEqual(await read('req.method=POST'), [0, 1])
  assert.deepEqual(await read('req.url=/a=b'), [0])
  assert.deepEqual(await read('ok=true', 'user=8'), [1])
  assert.deepEqual(await read('user=null'), [2])
  for (const field of ['req=x', 'user.id=7', 'missing=undefined', 'toString=x'])
    assert.deepEqual(await read(field), [])
  await rm(a, { recursive: true })
})

test('every line of a time is read once, of rotated files too, where one vanishes meanwhile also', async () => {
  const files = {
    '@4000.s': `${at(1)} r1 one\n`,
    '@4001.s': `${at(2)} r1 two\n`,
    current: `${at(3)} r1 three\n`,
  }
  const a = await folder(files)
  const texts: string[] = []
  for await (const some of everyLine([{ folder: a, service: 'api', n: 1 }], {}, now)) {
    texts.push(...some.map(l => l.text))
    await rm(join(a, '@4000.s'), { force: true })
  }
  assert.deepEqual(texts, ['three', 'two'])
  await rm(a, { recursive: true })
})

test('following loses no line over a rotation', async () => {
  const path = await folder({ current: `${at(1)} r1 old\n` })
  const abort = new AbortController()
  const seen: string[] = []
  const sources = [{ folder: path, service: 'api', n: 1 }]
  const positions = await endsOf(sources)
  const following = (async () => {
    const lines = followLogs({
      positions,
      sources: async () => sources,
      filter: {},
      clock: systemClock,
      signal: abort.signal,
    })
    for await (const batch of lines) {
      seen.push(...batch.map(l => l.text))
      if (seen.length >= 3) return
    }
  })()
  await systemClock.sleep(100)
  await appendFile(join(path, 'current'), `${at(2)} r1 before\n`)
  await rename(join(path, 'current'), join(path, '@4001.s'))
  await writeFile(join(path, 'current'), `${at(3)} r1 after\n${at(4)} r1 half`)
  await systemClock.sleep(600)
  await appendFile(join(path, 'current'), ' done\n')
  await following
  abort.abort()
  await closeAll(positions)
  assert.deepEqual(seen, ['before', 'after', 'half done'])
  await rm(path, { recursive: true })
})
