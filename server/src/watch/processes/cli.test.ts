import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, says } from '../../cli/stand-in.fixture.ts'
import { Top } from './wire.ts'

const MB = 1024 ** 2
const TOP: Top = {
  ...{ cpus: 2, memoryBytes: 4096 * MB, memoryFreeBytes: 1024 * MB },
  groups: [
    { name: 'shop.web.blue.1', kind: 'service', cpu: 0.93, bytes: 80 * MB, processes: 2 },
    { name: 'postgres', kind: 'program', cpu: 0.1, bytes: 200 * MB, processes: 7 },
    { name: 'sleep', kind: 'program', cpu: 0, bytes: 1000, processes: 1 },
  ],
}
const answers = { 'GET /api/top': says(Top, TOP) }

test('inn top shows what uses most, without what is idle and small', async t => {
  const { out } = await typed(t, ['top', '--once'], answers)
  assert.match(out, /103 % of 200 % processor {3}3\.0 GB of 4\.0 GB memory/)
  assert.match(out, /shop\.web\.blue\.1 +93 % +80 MB +2/)
  assert.match(out, /\(postgres\) +10 % +200 MB +7/)
  assert.doesNotMatch(out, /sleep/)
  const rows = (text: string) =>
    text
      .split('\n')
      .slice(3)
      .map(line => line.split(' ')[0])
  const { out: sorted } = await typed(t, ['top', '--once', '--sort', 'memory'], answers)
  assert.deepEqual(rows(sorted).slice(0, 2), ['(postgres)', 'shop.web.blue.1'])
})

test('inn top without a person at the terminal is shown once, as JSON whole, and an unknown order is a failure', async t => {
  assert.match((await typed(t, ['top'], answers)).out, /shop\.web/)
  assert.deepEqual((await typed(t, ['top', '--json'], answers)).json(), TOP)
  await assert.rejects(typed(t, ['top', '--sort', 'age'], answers), failsWith('usage.sort'))
})
