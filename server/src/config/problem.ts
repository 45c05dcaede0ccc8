export interface Problem {
  /** services.api.start */
  path: string
  line: number | null
  message: string
}

/** A problem whose line is not looked up yet. */
export interface CrossProblem {
  path: string[]
  message: string
}

/** The line on which a key stands; null: it is nowhere. */
export type LineOf = (path: readonly PropertyKey[]) => number | null
