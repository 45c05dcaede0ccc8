import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Chart } from '../../watch/messages/channel.ts'
import { draw } from './rsvg.ts'

const HOUR = 3_600_000
const chart = (title: string): Chart => ({
  ...{ title, unit: 'percent', from: 0, to: HOUR, threshold: 0.05 },
  lines: [{ points: Array.from({ length: 61 }, (_, n) => [n * 60_000, n > 40 ? 0.2 : 0.001] as const) }],
})

test('a chart becomes a PNG, whatever stands in its words', async () => {
  for (const title of ['shop', '<script>&"\u0000\ufffe]]>😀 \ud800']) {
    const png = await draw(chart(title))
    assert.ok(png !== null, title)
    assert.deepEqual([...png.slice(0, 4)], [0x89, 0x50, 0x4e, 0x47])
    const [width, height] = [Buffer.from(png).readUInt32BE(16), Buffer.from(png).readUInt32BE(20)]
    assert.deepEqual([width, height], [720, 300])
  }
})
