import { Injectable } from '@nestjs/common'
import { Database } from '../database/database'
import { SuiteStatus, TaskStatus } from '../generated/prisma/enums'
import { PENDING } from '../tasks/task-status'

/** Counting a million tasks takes a good part of a second: often enough for a graph, not for each question. */
const FRESH_MS = 5000

export interface Counts {
  suites: { total: number; byStatus: Record<SuiteStatus, number> }
  tasks: { total: number; pending: number; inProgress: number; byStatus: Record<TaskStatus, number> }
}

@Injectable()
export class Business {
  private last?: { at: number; counts: Promise<Counts> }

  constructor(private readonly database: Database) {}

  counts(): Promise<Counts> {
    if (!this.last || performance.now() - this.last.at > FRESH_MS) {
      const counts = this.count()
      this.last = { at: performance.now(), counts }
      // A failure is not kept: the next question asks again.
      counts.catch(() => (this.last = undefined))
    }
    return this.last.counts
  }

  private async count(): Promise<Counts> {
    const [suites, tasks] = await Promise.all([
      this.database.suite.groupBy({ by: ['status'], _count: true }),
      this.database.task.groupBy({ by: ['status'], _count: true }),
    ])
    const suitesBy = tally(Object.values(SuiteStatus), suites)
    const tasksBy = tally(Object.values(TaskStatus), tasks)
    return {
      suites: { total: sum(Object.values(suitesBy)), byStatus: suitesBy },
      tasks: {
        total: sum(Object.values(tasksBy)),
        pending: sum(PENDING.map(status => tasksBy[status])),
        inProgress: tasksBy.in_progress,
        byStatus: tasksBy,
      },
    }
  }
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)

function tally<S extends string>(statuses: S[], rows: Array<{ status: S; _count: number }>): Record<S, number> {
  const counted = new Map(rows.map(row => [row.status, row._count]))
  return Object.fromEntries(statuses.map(status => [status, counted.get(status) ?? 0])) as Record<S, number>
}
