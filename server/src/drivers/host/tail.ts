import { Writable } from 'node:stream'

/** A line that never ends is cut here. */
const LONGEST_LINE = 8_192

/** Keeps the last letters of what is written to any of its streams, for the reason of a failure. `say`: is given each line. */
export function tailOf(letters: number, say?: (line: string) => void) {
  let kept = ''
  return {
    stream(): Writable {
      let begun = ''
      return new Writable({
        decodeStrings: false,
        write(chunk, _encoding, done) {
          kept = (kept + String(chunk)).slice(-letters)
          if (say !== undefined) {
            const lines = (begun + String(chunk)).split(/\r?\n/)
            begun = lines.pop()!.slice(0, LONGEST_LINE)
            for (const line of lines) say(line)
          }
          done()
        },
        final(done) {
          if (begun !== '') say?.(begun)
          done()
        },
      })
    },
    text: (): string => kept,
  }
}
