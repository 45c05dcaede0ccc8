export type Colour = 'blue' | 'green'

/** What needs a reload of the edge to change: where an app's environment is reachable, and its limits. */
export interface Site {
  /** The environment's id, e.g. `shop` (letters, digits, `-`, `.`). */
  id: string
  /** Its own port on loopback, always there. */
  port: number
  /** Names it answers to on the shared public listener; none: loopback only. */
  domains: readonly string[]
  /** Largest request body in bytes. */
  maxBodyBytes: number
  /** How long the app may take for an answer, in milliseconds. */
  timeoutMs: number
}

/** What changes in an instant and without a reload: who answers which path. */
export interface RouteTable {
  /** The longest matching prefix wins; `/` matches everything; `/api` matches `/api` and `/api/…`, not `/apix`. */
  routes: ReadonlyArray<{ prefix: string; service: string }>
  services: Readonly<Record<string, Target>>
}

export type Target = ProxyTarget | StaticTarget

export interface ProxyTarget {
  kind: 'proxy'
  colour: Colour
  release: string
  /** host:port of each instance that takes traffic; empty: 503 with a page that says the app is stopped. */
  peers: readonly string[]
  /** While a switch is watched: the other colour's peers, which get a repeatable request that the new side failed. */
  fallback: readonly string[]
  /** The release that the fallback peers run: what they answer is counted as its traffic. Wanted when there is a fallback. */
  fallbackRelease?: string
  /** Requests wait (bounded) instead of failing: a singleton is being replaced. */
  hold: boolean
}

export interface StaticTarget {
  kind: 'static'
  colour: Colour
  release: string
  /** Absolute folders; the first serves, the others only lend hashed assets that the first lacks. */
  roots: readonly string[]
  /** Unknown paths that look like navigation get /index.html. */
  spa: boolean
}

/** Counters since the edge started, of what the *app* answered (not of what a fallback mended). */
export interface Traffic {
  requests: number
  /** Answers by class; `failed` are connections refused, reset or timed out before an answer. */
  status: { '2xx': number; '3xx': number; '4xx': number; '5xx': number; failed: number }
  /** Cumulative histogram of upstream response seconds: bound → count; sockets and event streams are left out. */
  seconds: ReadonlyArray<{ le: number; count: number }>
  /** Requests under way now, sockets and event streams included. */
  active: number
}

/** Keyed `service/release`. */
export type TrafficByRelease = Readonly<Record<string, Traffic>>

/** The sites that are open now → those that shall be. */
export type SiteChange = (open: readonly Site[]) => readonly Site[]

/** Opens a site beside the others, or takes its place. */
export const opening =
  (site: Site): SiteChange =>
  open =>
    [...open.filter(other => other.id !== site.id), site].sort((a, b) => (a.id < b.id ? -1 : 1))

export const closing =
  (id: string): SiteChange =>
  open =>
    open.filter(site => site.id !== id)

/** The port to the web server in front of the apps. */
export interface Edge {
  /** Changes which sites are open, one change after the other: `change` gets those that are. A reload is announced to keep-alive clients first, so that none is reset. Nothing changes when the configuration is refused: Failure `edge.refused`. */
  configure(change: SiteChange, signal?: AbortSignal): Promise<{ reloaded: boolean }>
  /** The site as it is open now; null: it is not. */
  site(id: string): Promise<Site | null>
  /** Replaces a site's table at once, for all workers; stored first, so that a restarted edge has it too. */
  route(site: string, table: RouteTable): Promise<void>
  /** The table as stored; null when the site never had one. */
  table(site: string): Promise<RouteTable | null>
  /** Forgets a site's table. */
  forget(site: string): Promise<void>
  traffic(site: string): Promise<TrafficByRelease>
  /** Whether the running edge answers. */
  alive(): Promise<boolean>
}
