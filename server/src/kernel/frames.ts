/** Several streams of bytes in one: before each piece stand its channel (one byte) and its length (four bytes). */
export interface Frame {
  channel: number
  bytes: Buffer
}

export const CHANNEL = { beat: 0, output: 1, errors: 2, said: 3 } as const

const HEAD = 5
/** Nobody sends a longer piece: what says so is no stream of frames. */
const LONGEST = 16 * 1024 ** 2

export function headOf({ channel, bytes }: Frame): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt8(channel)
  head.writeUInt32BE(bytes.length, 1)
  return head
}

/** The frames of a stream, whose chunks may begin and end anywhere. */
export async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    let at = 0
    while (held.length - at >= HEAD) {
      const length = held.readUInt32BE(at + 1)
      if (length > LONGEST) throw new Error('this is no stream of frames')
      if (held.length - at - HEAD < length) break
      yield { channel: held.readUInt8(at), bytes: held.subarray(at + HEAD, at + HEAD + length) }
      at += HEAD + length
    }
    held = held.subarray(at)
  }
  if (held.length > 0) throw new Error('the stream ended in the middle of a frame')
}
