import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Frame, framesOf, headOf } from './frames.ts'

async function* cut(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (bytes: Buffer, size: number) => {
  const found: Frame[] = []
  for await (const { channel, bytes: piece } of framesOf(cut(bytes, size)))
    found.push({ channel, bytes: Buffer.from(piece) })
  return found
}

const written = (frames: readonly Frame[]) => Buffer.concat(frames.flatMap(one => [headOf(one), one.bytes]))

test('frames come back as they were written, wherever the chunks end', async () => {
  const frame = fc.record({
    channel: fc.integer({ min: 0, max: 255 }),
    bytes: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      async (all, size) => {
        assert.deepEqual(
          await read(written(all), size),
          all.map(one => ({ ...one })),
        )
      },
    ),
  )
})

test('a stream that ends in the middle of a frame, or is none, says so', async () => {
  const one = written([{ channel: 1, bytes: Buffer.from('abc') }])
  await assert.rejects(read(one.subarray(0, -1), 3), /in the middle/)
  await assert.rejects(read(Buffer.from('HTTP/1.1 200 OK'), 20), /no stream of frames/)
})
