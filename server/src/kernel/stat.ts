/** In what these files count memory and time, with Debian's kernels for x86-64 and arm64. */
export const PAGE_BYTES = 4096
export const TICKS_PER_SECOND = 100

/** What /proc/PID/stat says: the name of the program, and the fields after it, of which the first is the state. */
export function statOf(text: string): { name: string; fields: string[] } {
  // The name in brackets may contain anything, so fields are counted from the last bracket.
  const end = text.lastIndexOf(')')
  return { name: text.slice(text.indexOf('(') + 1, end), fields: text.slice(end + 2).split(' ') }
}
