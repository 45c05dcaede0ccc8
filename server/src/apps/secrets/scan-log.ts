/** A line that a commit added. */
export interface Added {
  /** Its short name and its day. */
  commit: string
  path: string
  line: number
  text: string
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/**
 * Reads `git log -p -U0` line by line: what was added there, or null. The header of a hunk says how many lines it has,
 * so that a line that looks like a header changes nothing.
 */
export function logReader(): (text: string) => Added | null {
  const at = { commit: '', path: '', line: 0 }
  let [removed, added] = [0, 0]
  return text => {
    if (removed > 0 && text.startsWith('-')) removed--
    else if (added > 0 && text.startsWith('+')) {
      added--
      at.line++
      return { ...at, text: text.slice(1) }
    } else if (text.startsWith('commit:')) at.commit = text.slice('commit:'.length)
    else if (text.startsWith('+++ ')) at.path = pathOf(text)
    else {
      const hunk = HUNK.exec(text)
      if (hunk === null) return null
      at.line = Number(hunk[2]) - 1
      ;[removed, added] = [Number(hunk[1] ?? 1), Number(hunk[3] ?? 1)]
    }
    return null
  }
}

/**
 * git ends a path with a space in it with a tab. One with other signs it quotes as C does, and those stay as they are
 * written: no other path has a backslash.
 */
const pathOf = (header: string): string => header.replace(/^\+\+\+ "?b\/|"?\t?$/g, '')
