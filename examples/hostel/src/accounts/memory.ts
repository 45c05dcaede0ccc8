import type { Tables } from '../storage/tables.ts'
import type { Accounts } from './account.ts'

export function accountsInMemory(tables: Tables): Accounts {
  return {
    async add(user) {
      if (tables.users.some((u) => u.email === user.email)) return
      tables.users.push({ id: tables.nextId(), createdAt: new Date(), ...user })
    },
    async byEmail(email) {
      return tables.users.find((user) => user.email === email)
    },
    async openSession(session) {
      tables.sessions.set(session.id, session)
    },
    async userOfSession(id, now) {
      const session = tables.sessions.get(id)
      if (!session || session.expiresAt <= now) return undefined
      return tables.users.find((user) => user.id === session.userId)
    },
    async closeSession(id) {
      tables.sessions.delete(id)
    },
  }
}
