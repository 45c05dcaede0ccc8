import { BadRequestException, Injectable, NotFoundException } from '@nestjs/common'
import type { Person } from '../auth/tokens'
import { Database } from '../database/database'
import type { Prisma } from '../generated/prisma/client'
import { LiveGateway } from '../live/live.gateway'
import { Notifications } from '../notifications/notifications'
import { pageOf, slice } from '../paging/page'
import { taskMachine } from './task-status'
import type { NewTask, TaskMove, TaskQuery } from './tasks.controller'

const SHOWN = {
  suite: { select: { id: true, number: true } },
  assignee: { select: { id: true, name: true } },
} satisfies Prisma.TaskInclude

type Task = Prisma.TaskGetPayload<{ include: typeof SHOWN }>

@Injectable()
export class Tasks {
  constructor(
    private readonly database: Database,
    private readonly live: LiveGateway,
    private readonly notifications: Notifications,
  ) {}

  async list(query: TaskQuery, me: Person) {
    const { status, suiteId, assigneeId } = query
    const where = { status: status && { in: status }, suiteId, assigneeId }
    const tasks = await this.database.task.findMany({ where, include: SHOWN, ...slice(query) })
    const { items, next } = pageOf(tasks, query)
    return { items: items.map(task => forPerson(task, me)), next }
  }

  async find(id: number, me: Person) {
    return forPerson(await this.one(id), me)
  }

  async add(data: NewTask, me: Person) {
    const task = await this.database.task.create({ data: { ...data, creatorId: me.id }, include: SHOWN })
    this.live.toStaff('task', task)
    return forPerson(task, me)
  }

  async move(id: number, move: TaskMove, me: Person) {
    const before = await this.one(id)
    taskMachine.check(before.status, move.status, moverOf(before, me))
    const data = { status: move.status, changedAt: new Date(), ...(await this.assignment(before, move)) }
    const { count } = await this.database.task.updateMany({ where: { id, status: before.status }, data })
    const task = await this.one(id)
    // Somebody else was faster.
    if (count === 0) throw taskMachine.conflict(task.status, move.status)
    this.live.toStaff('task', task)
    await this.tell(task, me)
    return forPerson(task, me)
  }

  /** A task has somebody from when it is assigned until it is open again. */
  private async assignment(before: Task, { status, assigneeId }: TaskMove): Promise<{ assigneeId?: number | null }> {
    if (status === 'open') return { assigneeId: null }
    if (status !== 'assigned' || before.status === 'in_progress') return {}
    if (assigneeId === undefined) throw new BadRequestException('Say to whom: assigneeId is missing.')
    const employee = await this.database.employee.findUnique({ where: { id: assigneeId } })
    if (!employee?.active) throw new BadRequestException(`Nobody with the number ${assigneeId} works here.`)
    return { assigneeId }
  }

  private async tell(task: Task, me: Person) {
    const { assigneeId, status, title } = task
    if (status === 'assigned' && assigneeId && assigneeId !== me.id)
      await this.notifications.toEmployee(assigneeId, `${me.name} gave you: ${title}`)
    if (status === 'done') await this.notifications.toRole('reception', `Done: ${title}`, me.id)
  }

  private async one(id: number): Promise<Task> {
    const task = await this.database.task.findUnique({ where: { id }, include: SHOWN })
    if (!task) throw new NotFoundException(`There is no task ${id}.`)
    return task
  }
}

const moverOf = (task: Task, me: Person) => ({ role: me.role, isAssignee: task.assigneeId === me.id })

const forPerson = (task: Task, me: Person) => ({ ...task, allowed: taskMachine.allowedTo(task.status, moverOf(task, me)) })
