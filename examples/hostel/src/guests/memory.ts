import { getTableColumns } from 'drizzle-orm'
import { newestFirst, type Tables } from '../storage/tables.ts'
import type { Guest, Guests } from './guest.ts'
import { guests } from './schema.ts'

/** What the database gives for a column that is left out. */
const blank = Object.fromEntries(Object.keys(getTableColumns(guests)).map((column) => [column, null]))

export function guestsInMemory(tables: Tables): Guests {
  const byIdentity = new Map<string, Guest>()
  return {
    async list(search, limit) {
      const part = search.toLowerCase()
      const matches = (guest: Guest) => guest.name.toLowerCase().includes(part) || guest.phone.includes(part)
      return newestFirst(tables.guests.values()).filter(matches).slice(0, limit).map((guest) => ({ ...guest }))
    },
    async get(id) {
      return copy(tables.guests.get(id))
    },
    async findOrAdd(input) {
      const identity = `${input.phone}\n${input.name}`
      const known = byIdentity.get(identity)
      if (known) return { ...known }
      const guest = { ...blank, id: tables.nextId(), createdAt: new Date(), ...withoutUndefined(input) } as Guest
      tables.guests.set(guest.id, guest)
      byIdentity.set(identity, guest)
      return { ...guest }
    },
    async update(id, change) {
      const guest = tables.guests.get(id)
      return guest && copy(Object.assign(guest, withoutUndefined(change)))
    },
    async setPhoto(id, photo) {
      const guest = tables.guests.get(id)
      if (guest) guest.photo = photo
    },
  }
}

/** As with a database, what a caller holds does not change under its hands. */
const copy = <Row extends object>(row: Row | undefined) => row && { ...row }

const withoutUndefined = <Row extends object>(row: Row) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
