/** '1 instance', '3 instances'. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** 'api', 'api and web', 'api, web and bot'. */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? ''
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/**
 * A sentence of ours for a terminal. Commands in a fix or a notice stand in backticks, so that nobody has to guess from
 * the words where one ends; a person who reads them in a terminal needs no marks.
 */
export const unmarked = (text: string): string => text.replaceAll(/`([^`\n]+)`/g, '$1')

/** How bad something is, in the words that people see and type; `late` and `soon` are those of the API and the store. */
export const HOW_BAD = { late: 'critical', soon: 'warning' } as const

/** The known word that is nearest to a mistyped one; null: none is near. */
export function didYouMean(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map(k => ({ k, d: distance(word.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.d - b.d)
  const best = ranked[0]
  return best !== undefined && best.d <= Math.max(1, Math.floor(best.k.length / 3)) ? best.k : null
}

/** Edit distance: letters to change, add, remove or swap with their neighbour. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      row[j] = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
