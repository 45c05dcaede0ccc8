export const sides = ['caterer', 'customer'] as const
export type Side = (typeof sides)[number]

/** A number of portions, and when each side has said that it is right. */
export interface Figure {
  portions: number | null
  caterer: Date | null
  customer: Date | null
}

export interface Statement {
  side: Side
  portions: number
  at: Date
}

export const isConfirmed = (figure: Figure): boolean => figure.caterer !== null && figure.customer !== null

/** The same number confirms it; another one replaces it, and the other side has to look again. */
export function stated(figure: Figure, { side, portions, at }: Statement): Figure | 'final' {
  if (portions === figure.portions) return figure[side] ? figure : { ...figure, [side]: at }
  if (isConfirmed(figure)) return 'final'
  return { portions, caterer: null, customer: null, [side]: at }
}
