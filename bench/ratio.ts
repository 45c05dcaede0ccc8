/** What one side of a comparison did: a figure for each round, and how much of its work failed. */
export interface Side {
  figures: readonly number[]
  failed: number
}

/**
 * The ratio that `compute` makes, or why there is none: a side that failed did less work than it was asked for, and says
 * nothing about how long the work takes.
 */
export function comparison(sides: Readonly<Record<string, Side>>, compute: () => number): number | string {
  for (const [name, { figures, failed }] of Object.entries(sides)) {
    if (failed > 0) return `no comparison: ${failed} of ${name} failed`
    if (figures.length === 0 || !figures.every(figure => figure > 0))
      return `no comparison: there is nothing of ${name}`
  }
  return Number(compute().toFixed(3))
}
