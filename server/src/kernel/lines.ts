/**
 * The whole lines of a text that comes in parts, without their `\n`. Returns what came after the last one. `readline`
 * of Node.js would end a line at `\r` and at U+2028 too.
 */
export async function* wholeLines(parts: AsyncIterable<string>): AsyncGenerator<string, string> {
  let rest = ''
  for await (const text of parts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  return rest
}
