import { StatusMachine } from '../machine/machine'
import type { TaskStatus } from '../generated/prisma/enums'

/** The one who does a task does not verify it, unless they are the manager. */
export const taskMachine = new StatusMachine<TaskStatus>('task', [
  { from: 'open', to: 'assigned', by: ['reception'] },
  { from: 'open', to: 'cancelled', by: ['reception'] },
  { from: 'assigned', to: 'in_progress', by: [], byAssignee: true },
  { from: 'assigned', to: 'open', by: ['reception'], byAssignee: true },
  { from: 'assigned', to: 'cancelled', by: ['reception'] },
  { from: 'in_progress', to: 'done', by: [], byAssignee: true },
  { from: 'in_progress', to: 'assigned', by: [], byAssignee: true },
  { from: 'in_progress', to: 'cancelled', by: [] },
  { from: 'done', to: 'verified', by: ['reception'] },
  { from: 'done', to: 'in_progress', by: ['reception'] },
])

/** Statuses of tasks that wait for somebody to begin. */
export const PENDING: readonly TaskStatus[] = ['open', 'assigned']
