import type { Clock } from '../../kernel/clock.ts'
import type { Edge } from '../edge/edge.ts'
import type { Authorities, Proof } from './authority.ts'
import type { Wanted } from './certificate.ts'
import type { CertificateStore } from './store.ts'

/** The DNS as the world sees it. Nothing found is an empty list; a server that does not answer is the error of Node.js. */
export interface Names {
  addresses(name: string): Promise<string[]>
  /** Which authorities may issue for a name (CAA), from the first of it and the names above that has such records; null: all. */
  allowed(name: string): Promise<{ at: string; authorities: string[] } | null>
  /** What each name server of the zone has as text of a name, behind its aliases; null: that one does not answer. */
  texts(name: string): Promise<Array<string[] | null>>
}

/** What answered at an address: the text that was put there, something else, or nobody. `says`: as a person is told. */
export type Answered = { who: 'us' } | { who: 'other' | 'nobody'; says: string }

/** How this server is seen. */
export interface Outside {
  /** Asks an address for a path of a name, as an authority would. `text`: what this server answers there. */
  asked(at: { address: string; port: number; name: string; path: string }, text: string): Promise<Answered>
  /** The sha256 of the certificate that the edge shows for a name; null: it makes no handshake. */
  shown(name: string): Promise<string | null>
}

/** What a certificate says of itself. Times are milliseconds since 1970. */
export interface Paper {
  names: string[]
  issuer: string
  subject: string
  from: number
  to: number
  sha256: string
}

/** A TXT record of a zone. */
export type ZoneRecord = Omit<Extract<Proof, { kind: 'dns' }>, 'kind'>

export interface CertificatePorts {
  clock: Clock
  edge: Pick<Edge, 'configure' | 'certify' | 'certified' | 'answer'>
  certificates: CertificateStore
  /** Does work with what an app is shown alone: who read an older certificate must not show it after a newer one. */
  alone<T>(app: string, work: () => Promise<T>): Promise<T>
  authorities: Authorities
  names: Names
  outside: Outside
  /** Runs what an app names to change its zone, as the app. Failure `certificate.hook`, and those of a runner. */
  zone(wanted: Wanted, change: 'add' | 'remove', record: ZoneRecord, signal: AbortSignal): Promise<void>
  /** The certificates of a chain, the site's own first. */
  read(chain: string): Paper[]
  /** A text that nobody can guess. */
  random(length: number): string
  /** Whether a private key is the one of a chain; throws for what is none. */
  fits(chain: string, key: string): boolean
  /** PEM of a file that the file of an app names. `secret`: nobody but its owner may read it. Failure `certificate.file`. */
  file(path: string, more?: { secret: boolean }): Promise<string>
  /** The public port for plain requests; null: no app is public. */
  httpPort: number | null
  /** What an app asks for now; null: it wants no certificate, or there is none to be had on this server. */
  wanted(app: string): Promise<Wanted | null>
  apps(): Promise<string[]>
}
