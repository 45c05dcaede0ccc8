import type { LiveTable } from './facts.ts'

/**
 * How fast a small server works, for a word on how long a lock is held: measured on two cores with an SSD
 * (`bench/lint.ts`), and rounded down. They are right within a factor of three or so.
 */
const BYTES_A_SECOND = { scan: 800e6, rewrite: 60e6 }
const ROWS_A_SECOND = { index: 1_000_000, update: 100_000 }

const ms = (amount: number, rate: number): number => Math.round((amount / rate) * 1000)

/** All rows looked at. */
export const scanMs = ({ bytes, indexBytes }: LiveTable): number =>
  ms(bytes - indexBytes, BYTES_A_SECOND.scan)

/** All rows and indexes written anew. */
export const rewriteMs = (table: LiveTable): number =>
  ms(table.bytes - table.indexBytes, BYTES_A_SECOND.rewrite) +
  ms(table.indexBytes, BYTES_A_SECOND.rewrite / 2)

export const indexMs = (table: LiveTable): number => scanMs(table) + ms(table.rows ?? 0, ROWS_A_SECOND.index)

export const updateMs = ({ rows }: LiveTable): number => ms(rows ?? 0, ROWS_A_SECOND.update)
