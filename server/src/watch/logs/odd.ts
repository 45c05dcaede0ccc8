const HIGH = 0x80808080
const SPACES = 0x20202020

/** Whether there is anything but ASCII that is seen, tabs and ends of lines. Four bytes at a time: a glance must cost less than what it spares. */
export function isOdd(bytes: Buffer): boolean {
  if (bytes.includes(0x7f)) return true
  const begin = Math.min((4 - (bytes.byteOffset % 4)) % 4, bytes.length)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + begin, (bytes.length - begin) >>> 2)
  const end = begin + words.length * 4
  if (isOddIn(bytes, 0, begin) || isOddIn(bytes, end, bytes.length)) return true
  for (let n = 0; n < words.length; n++) {
    const word = words[n]!
    if (((word | ((word - SPACES) & ~word)) & HIGH) === 0) continue
    if (isOddIn(bytes, begin + n * 4, begin + n * 4 + 4)) return true
  }
  return false
}

function isOddIn(bytes: Buffer, from: number, to: number): boolean {
  for (let n = from; n < to; n++) {
    const byte = bytes[n]!
    if (byte > 0x7e || (byte < 0x20 && byte !== 0x0a && byte !== 0x09)) return true
  }
  return false
}
