import { Writable } from 'node:stream'
import type { Draw } from '../../watch/messages/channel.ts'
import { svgOf } from '../../watch/messages/picture.ts'
import { start } from '../host/exec.ts'
import { isRoot } from '../host/proc.ts'
import { findAccount } from '../host/users.ts'

export const PROGRAM = '/usr/bin/rsvg-convert'
const TIMEOUT_MS = 5_000
const MOST_BYTES = 1024 * 1024

/** Charts as PNG, by Debian's librsvg2-bin. It reads words of apps, so it runs as nobody. */
export const draw: Draw = async chart => {
  const chunks: Buffer[] = []
  const taken = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  try {
    const { finished } = await start(
      {
        argv: [PROGRAM, '--format', 'png'],
        input: svgOf(chart),
        user: isRoot() ? await findAccount('nobody') : null,
        timeoutMs: TIMEOUT_MS,
      },
      { stdout: taken },
    )
    const { code } = await finished
    const png = Buffer.concat(chunks)
    return code === 0 && png.length > 0 && png.length < MOST_BYTES ? png : null
  } catch {
    return null
  }
}
