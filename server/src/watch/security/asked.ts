/** One answer of an app to a harmless request, as a visitor gets it. */
export interface Answer {
  path: string
  method: 'GET' | 'OPTIONS'
  status: number
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Its beginning. */
  body: string
}

/** What an app answers to visitors. */
export interface Answered {
  /** To `/` and to each route. */
  fronts: readonly Answer[]
  /** To paths that only developers should have. */
  exposed: readonly Answer[]
  signIns: readonly Answer[]
  /** To a path that nobody has, below each route: what the app says to whatever it does not know. */
  nowhere: readonly Answer[]
}

/** The site that asks: a browser would not give it the answer, unless the app says so. */
export const ORIGIN = 'https://innkeeper-check.invalid'

/** Whether an app said something of its own, and not what it says of every path that it does not know. */
export function isOwn(answer: Answer, { nowhere }: Pick<Answered, 'nowhere'>): boolean {
  const below = nowhere
    .filter(one => one.method === answer.method && answer.path.startsWith(prefixOf(one.path)))
    .sort((a, b) => b.path.length - a.path.length)[0]
  if (below === undefined || below.status !== answer.status) return true
  const page = (one: Answer) => String(one.headers['content-type'] ?? '').startsWith('text/html')
  return !(page(answer) && page(below)) && answer.body !== below.body
}

const NOWHERE = 'innkeeper-check-nowhere'

/** A path below a route that nobody has. */
export const nowhereBelow = (prefix: string): string => `${prefix.replace(/\/$/, '')}/${NOWHERE}`

const prefixOf = (path: string): string => path.slice(0, -NOWHERE.length)
