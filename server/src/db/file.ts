import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { newerThanKnown, versionOf } from './migrations.ts'

/** The store as a file: beside a keeper that has it open, or while none does. */

function reading<T>(path: string, work: (raw: DatabaseSync) => T): T {
  const raw = new DatabaseSync(path, { readOnly: true })
  try {
    raw.exec('pragma busy_timeout = 5000')
    return work(raw)
  } finally {
    raw.close()
  }
}

/** How many migrations were applied to it. */
export const storeVersion = (path: string): number => reading(path, versionOf)

/** Whether a newer Innkeeper changed it. */
export const isNewerStore = (path: string): boolean => reading(path, newerThanKnown)

/** What is under way in it, by its title; null: nothing. */
export const underWay = (path: string): string | null =>
  reading(path, raw => {
    const row = raw.prepare(`select plan ->> 'title' as title from run where state <> 'ended' limit 1`).get()
    return row === undefined ? null : String(row['title'])
  })

/** Copies it whole, with what still lies in its side file. A power cut leaves the copy of before, or this one. */
export function keepStore(path: string, as: string): void {
  const temporary = `${as}.tmp`
  rmSync(temporary, { force: true })
  // It has secrets. SQLite writes into an empty file that is there.
  closeSync(openSync(temporary, 'wx', 0o600))
  reading(path, raw => raw.prepare('vacuum into ?').run(temporary))
  sync(temporary)
  renameSync(temporary, as)
  sync(dirname(as))
}

/** Puts such a copy in the place of a store that nobody has open. The copy stays. */
export function putStore(copy: string, path: string): void {
  keepStore(copy, `${path}.returning`)
  // A side file of the other store would be read into this one. SQLite empties it, and takes it away when it closes.
  const raw = new DatabaseSync(path)
  raw.exec('pragma journal_mode = delete')
  raw.close()
  renameSync(`${path}.returning`, path)
  chmodSync(path, 0o600)
  sync(dirname(path))
}

function sync(path: string): void {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
