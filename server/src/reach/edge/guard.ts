/** What a site takes from whom. It is part of the route table, so that a change takes no reload. */
export interface Guard {
  /** Addresses and ranges (10.0.0.0/8) of proxies that are believed about their visitors, at the public ports. */
  trusted: readonly string[]
  /** Visitors who alone are let in; empty: all. */
  allow: readonly string[]
  /** Visitors who are not let in. It wins over `allow`. */
  deny: readonly string[]
  /** Paths (`/metrics`, with what is below) and names of any part of a path (`.git`) that are answered with 404; `*` at the end leaves the rest of the name open. */
  blocked: readonly string[]
  /** Whom and what the limits of the site count, in their order. */
  limits: readonly Counted[]
  /** Headers of answers that the app does not send itself. */
  headers: ReadonlyArray<{ name: string; value: string }>
  /** Which other sites may read what the app answers, where it says nothing of that itself. */
  cors?: Cors
  /** Names of the site, in small letters, whose visitors are sent to another name with the same path. */
  redirects: Readonly<Record<string, string>>
  /** Status (502, 503, 504) → absolute path of the page that stands in for the edge's own. No link is followed to it. */
  pages: Readonly<Record<string, string>>
  /** Visitors are asked for a password: under which name, and the name of the app's secret that is the password. */
  login?: { user: string; secret: string }
}

export interface Cors {
  /** Origins in small letters, as browsers write them, or `*`. */
  origins: readonly string[]
  /** Headers of answers that their scripts may read. */
  expose: readonly string[]
  /** Whether they may ask with the visitor's cookies. */
  credentials: boolean
  /** How long a browser remembers what it may send. */
  maxAgeSeconds: number
}

export interface Counted {
  /** A path with what is below it; `/`: every path. */
  path: string
  /** What a visitor is told apart by. Whoever lacks the header or the cookie is told apart by the address. */
  by: { by: 'address' } | { by: 'header'; name: string } | { by: 'cookie'; name: string }
  /** After how many seconds a request that was refused would be let in. */
  retrySeconds: number
}
