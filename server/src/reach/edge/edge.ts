import type { Secret } from '../../kernel/secret.ts'
import type { Guard } from './guard.ts'

export type Colour = 'blue' | 'green'

/** Where an app is reachable, and its limits. A change of this needs a reload of the edge. */
export interface Site {
  /** The key of the app, e.g. `shop` (letters, digits, `-`, `.`). */
  id: string
  /** The site's own port on loopback, which is always open. */
  port: number
  /** Host names that it answers to on the shared public port; empty: it is reachable on loopback only. */
  domains: readonly string[]
  /** Largest request body in bytes. */
  maxBodyBytes: number
  /** Longest time for an answer of the app, in milliseconds. */
  timeoutMs: number
  /** How fast requests may come; whom and what each limit counts stands at the same place of the table's `guard.limits`. */
  limits?: readonly SiteLimit[]
  status?: StatusSite
}

/** The status page of a site: files that the edge serves by itself. */
export interface StatusSite {
  /** Its host name on the shared public ports; null: it is at a path of the site's own port alone. */
  domain: string | null
  /** Whether visitors can subscribe: their forms are passed on to the keeper. */
  mails: boolean
}

/** Where the page of a site is at the site's own port. */
export const STATUS_PATH = '/.well-known/innkeeper/status/'

/** Names that visitors may come by, those of its status page among them. */
export const namesOf = ({ domains, status }: Pick<Site, 'domains' | 'status'>): string[] => [
  ...domains,
  ...(status === undefined || status.domain === null ? [] : [status.domain]),
]

export interface SiteLimit {
  /** Whole requests of a second or a minute. So many may also come at once. */
  requests: number
  per: 'second' | 'minute'
  /** How many more may come at once. */
  burst: number
}

/** Which instances answer which path. It is replaced at once and without a reload. */
export interface RouteTable {
  /** The longest matching prefix wins; `/` matches everything; `/api` matches `/api` and `/api/…`, not `/apix`. */
  routes: ReadonlyArray<{ prefix: string; service: string }>
  services: Readonly<Record<string, Target>>
  /** Without routes: a request waits for a limited time, and `wanted` tells of it. */
  asleep?: true
  /** What is taken from whom; missing: everything from everybody, and nobody is believed. */
  guard?: Guard
  /** As `Maintenance.close` has set it: another table of the site changes nothing of it. */
  closed?: Closed
}

/** What visitors get instead of a site on which people work. */
export interface Closed {
  /** What the page says; null: the app's own page for 503, or ours. */
  text: string | null
  /** In milliseconds since 1970. From then on the site is open, also when nobody has opened it. */
  until: number
  /** Addresses and ranges that get in all the same. */
  allow: readonly string[]
}

export type Target = ProxyTarget | StaticTarget

export interface ProxyTarget {
  kind: 'proxy'
  colour: Colour
  release: string
  /** host:port of each instance that takes traffic; empty: 503 with a page that says the app is stopped. */
  peers: readonly string[]
  /** During the watch of a switch: peers of the old colour, which get a repeatable request that the new side failed. */
  fallback: readonly string[]
  /** The release of the fallback peers: their answers are counted as its traffic. Required with a fallback. */
  fallbackRelease?: string
  /** Requests wait for a limited time instead of failing, because a singleton is being replaced. */
  hold: boolean
  /** How a client is told apart that must come back to the same instance; without it, requests go to all in turn. */
  affinity?: Affinity
  /** After a switch: the side before, for as long as it is kept. It is asked for assets that the new side does not have. */
  warm?: Leaving
  /** With `affinity`, after a switch: clients of these instances still go to them. */
  leaving?: Leaving
  vitals?: Vitals
}

/** Pages get a script that measures what visitors feel; missing: they do not. */
export type Vitals = true

export type Affinity = { by: 'cookie' } | { by: 'address' } | { by: 'header'; name: string }

export interface Leaving {
  release: string
  peers: readonly string[]
  /** For how long after the switch, in milliseconds. */
  ms: number
  /** When that ends, in milliseconds since 1970; missing: the switch has not been made yet. */
  until?: number
}

export interface StaticTarget {
  kind: 'static'
  colour: Colour
  release: string
  /** Absolute folders. The first one is served; from the others come only built assets that the first lacks. */
  roots: readonly string[]
  /** Absolute folders into which links may lead: the release, and what all releases share. Without them no link is followed. */
  tree?: string
  shared?: string
  /** Whether unknown paths that look like navigation get /index.html. */
  spa: boolean
  vitals?: Vitals
}

/** Why an instance gave no answer, as the edge saw it: what follows "the app:" in its log and in the reason of a run. */
export const FAILURES = {
  refused: 'nobody accepted the connection',
  late: 'it did not answer in time',
  cut: 'it closed the connection before its answer',
  large: 'the headers of its answer are longer than the edge takes',
  garbled: 'its answer is not HTTP, or ended within its headers',
} as const
export type FailureKind = keyof typeof FAILURES

/** Counters since the edge started. A request that a release failed counts as failed, even when the fallback answered it. */
export interface Traffic {
  requests: number
  /** Answers by class; `failed` are connections refused, reset or timed out before an answer. */
  status: { '2xx': number; '3xx': number; '4xx': number; '5xx': number; failed: number }
  /** What the `failed` ones failed of; a kind that did not happen is missing. */
  failures?: Readonly<Partial<Record<FailureKind, number>>>
  /** Cumulative histogram of the app's response times: bound in seconds → count. WebSockets and event streams are left out. */
  seconds: ReadonlyArray<{ le: number; count: number }>
  /** Requests under way now, also WebSockets and event streams. */
  active: number
}

/** `service/release` → its counters. */
export type TrafficByRelease = Readonly<Record<string, Traffic>>

/** The sites that are open now → the sites that are to be open. */
export type SiteChange = (open: readonly Site[]) => readonly Site[]

/** Opens a site beside the others, or replaces the one with the same id. */
export const opening =
  (site: Site): SiteChange =>
  open =>
    [...open.filter(other => other.id !== site.id), site].sort((a, b) => (a.id < b.id ? -1 : 1))

export const closing =
  (id: string): SiteChange =>
  open =>
    open.filter(site => site.id !== id)

/** Which sites are open. A change takes a reload. */
export interface Sites {
  /** Changes which sites are open, one change after the other: `change` gets those that are. A reload is announced to keep-alive clients first, so that none is reset. Nothing changes when the configuration is refused: Failure `edge.refused`. */
  configure(change: SiteChange, signal?: AbortSignal): Promise<{ reloaded: boolean }>
  /** The site as it is open now; null: it is not open. */
  site(id: string): Promise<Site | null>
}

/** Which instances answer. A change takes none. */
export interface Routes {
  /** Replaces a site's table in all workers at once. It is stored first, so that a restarted edge has it too. */
  route(site: string, table: RouteTable): Promise<void>
  /** The table as stored; null when the site never had one. */
  table(site: string): Promise<RouteTable | null>
  /** Forgets a site's table, its certificate and its login. */
  forget(site: string): Promise<void>
}

/** Which sites people work on. A change takes no reload, and stays through other tables of the site. */
export interface Maintenance {
  /** Answers visitors of the public ports and of the site's own with 503; null: lets them in again. Programs of this machine that ask for themselves always get in. */
  close(site: string, closed: Closed | null): Promise<void>
}

/** Whom a site asks for a password. */
export interface SiteLogin {
  user: string
  password: Secret
}

/** Which passwords open the sites whose table has `guard.login`. A change takes no reload. */
export interface Logins {
  /** Who is let in to a site; null: nobody. */
  admit(site: string, login: SiteLogin | null): Promise<void>
}

/** Which instances are left out of rotation. */
export interface Rotation {
  /** Replaces the list of a site's peers (host:port) that are not asked while another one of their service can be. A restarted edge has forgotten it. */
  leaveOut(site: string, peers: readonly string[]): Promise<void>
}

/** What a site shows to visitors who ask by TLS. */
export interface SiteCertificate {
  /** The names that it is for, in small letters; `*.` at the start stands for one label. */
  names: readonly string[]
  /** The certificate and those between it and the authority's root, as PEM. */
  chain: string
  /** The private key, as PEM. */
  key: string
  /** From when on visitors are told to come by TLS alone, in milliseconds since 1970; null: never. */
  hstsFrom: number | null
  /** Whether its names are shown by TLS 1.3 alone. */
  modern: boolean
}

/** By which certificates the edge answers. A change takes no reload. */
export interface Certificates {
  /** Replaces the certificate of a site in all workers at once, or takes it away (null). It is stored first, so that a restarted edge has it too. Plain requests for its names are sent to https from then on. */
  certify(site: string, certificate: SiteCertificate | null): Promise<void>
  /** The certificate as stored; null: the site has none. */
  certified(site: string): Promise<SiteCertificate | null>
  /** Answers `/.well-known/acme-challenge/TOKEN` of every site with this text for an hour, before any app is asked; null: no more. */
  answer(token: string, text: string | null): Promise<void>
}

/** Name of a file → its text. */
export type PageFiles = Readonly<Record<string, string>>

/** The files of status pages, which the edge serves without the keeper. */
export interface StatusPages {
  /** Puts files in the place of those before, all with one rename. What was there stays whole when that fails. */
  publish(site: string, files: PageFiles): Promise<void>
  /** Sites that have files. */
  published(): Promise<string[]>
  remove(site: string): Promise<void>
}

/** The port to the web server in front of the apps. */
export interface Edge extends Sites, Routes, Rotation, Certificates, Logins, Maintenance {
  traffic(site: string): Promise<TrafficByRelease>
  /** What visitors of all sites got, by route, in the text format of Prometheus; counted since the edge started. */
  metrics(): Promise<string>
  /** Sites that are asleep and were asked for since the last call. `waits`: for one, some seconds at most. */
  wanted(waits: boolean): Promise<string[]>
  /** Whether the running edge answers. */
  alive(): Promise<boolean>
}
