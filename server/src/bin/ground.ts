import { existsSync } from 'node:fs'
import { createAwake } from '../apps/app/awake.ts'
import { appStore } from '../apps/app/store.ts'
import { releaseStore } from '../apps/releases/store.ts'
import type { Settings } from '../config/settings.ts'
import { openStore, type Store } from '../db/db.ts'
import { isNewerStore } from '../db/file.ts'
import { keptSecret } from '../db/setting.ts'
import { randomText } from '../drivers/host/random.ts'
import { runHistory } from '../engine/history.ts'
import { sqliteJournal } from '../engine/sqlite-journal.ts'
import type { Cipher } from '../kernel/cipher.ts'
import { systemClock } from '../kernel/clock.ts'
import { Secret } from '../kernel/secret.ts'
import { auditLog } from '../reach/audit/audit.ts'
import { newerStore } from './newer-store.ts'
import { wireServer } from './wire-server.ts'

/** Writes a line to the keeper's log, as JSON, so that inn logs can filter by level. */
export const log = (level: string, msg: string, more: object = {}): void =>
  console.log(JSON.stringify({ level, msg, ...more }))

export type ServerSettings = Omit<Settings, 'apiPort'> & Partial<Pick<Settings, 'apiPort'>>

export type Ground = ReturnType<typeof openGround>

/** Opens the store of a keeper. What a newer one made of it, this one would not understand. */
function openKnown(path: string, cipher: Cipher): Store {
  if (existsSync(path) && isNewerStore(path)) throw newerStore(path)
  return openStore(path, cipher)
}

/** What every noun needs: the drivers of a home, the keeper's store, the journal, the clock. */
export function openGround(root: string, settings: ServerSettings) {
  const clock = systemClock
  const passphrase = async () => new Secret(await secret('backups'))
  const server = wireServer(root, { ...settings, passphrase })
  const store = openKnown(server.home.store, server.cipher)
  const secret = (name: string) => keptSecret(store, name, () => randomText(64))
  const journal = sqliteJournal(store.raw)
  return {
    ...server,
    ...runHistory(store.raw, journal),
    root,
    settings,
    clock,
    awake: createAwake(),
    store,
    secret,
    passphrase,
    journal,
    apps: appStore(store, clock.now),
    releases: releaseStore(store, clock.now),
    audit: auditLog(store, clock.now),
    log,
  }
}
