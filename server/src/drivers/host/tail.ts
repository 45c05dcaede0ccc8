import { Writable } from 'node:stream'

/** Keeps the last letters of what is written to any of its streams, for the reason of a failure. */
export function tailOf(letters: number) {
  let kept = ''
  return {
    stream: (): Writable =>
      new Writable({
        write(chunk, _encoding, done) {
          kept = (kept + String(chunk)).slice(-letters)
          done()
        },
      }),
    text: (): string => kept,
  }
}
