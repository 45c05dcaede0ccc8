import { Unread } from './literal.ts'

/** A variable that another platform's file names. `value`: null where the file does not say it. */
export interface ForeignEnv {
  name: string
  value: string | null
}

/** A process as another platform's file has it. */
export interface ForeignService {
  name: string
  /** From the root of the repository. */
  folder: string
  /** null: the file does not say what runs. */
  command: string | null
  worker: boolean
  instances: number | null
  /** Bytes. */
  memory: number | null
  health: string | null
  persist: string[]
  env: ForeignEnv[]
}

export type ForeignDatabase = 'postgres' | 'redis' | 'mysql' | 'mongodb'

/** What one file of another platform says. */
export interface Foreign {
  platform: string
  file: string
  services: ForeignService[]
  /** What runs once before a version takes traffic. */
  release: string | null
  env: ForeignEnv[]
  databases: ForeignDatabase[]
  /** What the file has, and Innkeeper does not do, or does by itself: one sentence each. */
  lost: string[]
  /** What could not be read: one sentence each. */
  unread: string[]
}

/** What became of one file of another platform. */
export interface Moved {
  platform: string
  file: string
  /** What stands in innkeeper.yaml because of it. */
  took: string[]
  lost: string[]
  unread: string[]
}

/** Reads a file's text. It adds to what it was given, and never throws for what the text has. */
export type Reader = (text: string, into: Foreign) => void

export const foreign = (platform: string, file: string): Foreign => ({
  platform,
  file,
  services: [],
  release: null,
  env: [],
  databases: [],
  lost: [],
  unread: [],
})

export const service = (
  name: string,
  folder: string,
  more: Partial<ForeignService> = {},
): ForeignService => ({
  name,
  folder,
  command: null,
  worker: false,
  instances: null,
  memory: null,
  health: null,
  persist: [],
  env: [],
  ...more,
})

export type Fields = Readonly<Record<string, unknown>>

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== ''
    ? value.trim()
    : typeof value === 'number'
      ? String(value)
      : null

/** A command as a line, or as a list of its words. */
export const line = (value: unknown): string | null =>
  Array.isArray(value)
    ? text(
        value
          .flatMap(word => text(word) ?? [])
          .map(quoted)
          .join(' '),
      )
    : text(value)
const quoted = (word: string): string => (/[\s"']/.test(word) ? JSON.stringify(word) : word)

/** A whole number of processes; null for `max`, 0 and others that depend on the machine. */
export const whole = (value: unknown): number | null => {
  const number = Number(text(value) ?? Number.NaN)
  return Number.isInteger(number) && number >= 1 && number <= 64 ? number : null
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** 300M, 512mb, 1Gi → bytes. */
export function bytes(value: unknown): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(text(value) ?? '')
  return match === null ? null : Math.round(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!)
}

/** NAME → value, from a mapping or from a list of NAME=value. */
export function variables(value: unknown): ForeignEnv[] {
  const pairs: Array<[string, unknown]> = Array.isArray(value)
    ? value.flatMap(one => {
        const match = /^([^=]+)(?:=(.*))?$/s.exec(text(one) ?? '')
        return match === null ? [] : [[match[1]!, match[2]] as [string, unknown]]
      })
    : Object.entries(fields(value))
  return pairs
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, of]) => ({ name, value: typeof of === 'boolean' ? String(of) : text(of) }))
}

/** The keys that a reader does not use, each with what becomes of it. */
export const rest = (
  of: Fields,
  {
    used,
    why = {},
    at = '',
  }: { used: readonly string[]; why?: Readonly<Record<string, string>>; at?: string },
): string[] =>
  Object.keys(of)
    // A spread or a method of JavaScript is told as what could not be read.
    .filter(key => !used.includes(key) && /^[\w.$-]+$/.test(key) && !(of[key] instanceof Unread))
    .map(key => `${at}${key}: ${Object.hasOwn(why, key) ? why[key] : 'innkeeper.yaml has no key for it'}`)

export const OUTSIDE = "lies outside the app's folder: write below it, and name that under persist"

export const OWN_PORT = 'each instance gets a port of its own, in $PORT'

/** The database behind a name of a product, an image or a plan. */
export const databaseOf = (name: string): ForeignDatabase | null =>
  /postg|timescale|pgvector/i.test(name)
    ? 'postgres'
    : /redis|valkey|keyvalue/i.test(name)
      ? 'redis'
      : /mysql|mariadb|jawsdb|cleardb/i.test(name)
        ? 'mysql'
        : /mongo/i.test(name)
          ? 'mongodb'
          : null
