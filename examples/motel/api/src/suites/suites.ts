import { Injectable, NotFoundException } from '@nestjs/common'
import type { Person } from '../auth/tokens'
import { Database } from '../database/database'
import type { Suite } from '../generated/prisma/client'
import type { Role, SuiteStatus } from '../generated/prisma/enums'
import { LiveGateway } from '../live/live.gateway'
import { Notifications } from '../notifications/notifications'
import { suiteMachine } from './suite-status'

/** Whom it concerns that a suite has become so. */
const CONCERNED: Partial<Record<SuiteStatus, Role>> = {
  dirty: 'housekeeping',
  inspected: 'reception',
  out_of_order: 'maintenance',
}

@Injectable()
export class Suites {
  constructor(
    private readonly database: Database,
    private readonly live: LiveGateway,
    private readonly notifications: Notifications,
  ) {}

  async list(me: Person) {
    const suites = await this.database.suite.findMany({ orderBy: [{ floor: 'asc' }, { number: 'asc' }] })
    return suites.map(suite => forPerson(suite, me))
  }

  async find(id: number, me: Person) {
    return forPerson(await this.one(id), me)
  }

  async add(data: Pick<Suite, 'number' | 'floor' | 'beds'>) {
    const suite = await this.database.suite.create({ data })
    this.live.toStaff('suite', suite)
    return suite
  }

  async move(id: number, to: SuiteStatus, me: Person) {
    const { status: from } = await this.one(id)
    suiteMachine.check(from, to, me)
    const suite = await this.change(id, from, to, me)
    // Somebody else was faster.
    if (!suite) throw suiteMachine.conflict((await this.one(id)).status, to)
    this.live.toStaff('suite', suite)
    const role = CONCERNED[to]
    if (role) await this.notifications.toRole(role, `Suite ${suite.number} is ${to.replaceAll('_', ' ')}.`, me.id)
    return forPerson(suite, me)
  }

  /** Null when it is no longer what it was. A suite that is left gets its cleaning task with the same stroke. */
  private change(id: number, from: SuiteStatus, to: SuiteStatus, me: Person) {
    return this.database.$transaction(async tx => {
      const { count } = await tx.suite.updateMany({ where: { id, status: from }, data: { status: to, statusSince: new Date() } })
      if (count === 0) return null
      const suite = await tx.suite.findUniqueOrThrow({ where: { id } })
      if (from === 'occupied' && to === 'dirty') {
        const title = `Clean suite ${suite.number}`
        await tx.task.create({ data: { suiteId: id, kind: 'cleaning', title, creatorId: me.id } })
      }
      return suite
    })
  }

  private async one(id: number): Promise<Suite> {
    const suite = await this.database.suite.findUnique({ where: { id } })
    if (!suite) throw new NotFoundException(`There is no suite ${id}.`)
    return suite
  }
}

const forPerson = (suite: Suite, me: Person) => ({ ...suite, allowed: suiteMachine.allowedTo(suite.status, me) })
