export const STATUSES = ['open', 'assigned', 'in_progress', 'done', 'verified', 'cancelled'] as const

export type TaskStatus = (typeof STATUSES)[number]

/** What is not over yet. */
export const CURRENT = 'open,assigned,in_progress,done'

export const KINDS = ['cleaning', 'repair', 'inspection', 'errand'] as const

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const

export interface Task {
  id: number
  title: string
  kind: (typeof KINDS)[number]
  priority: (typeof PRIORITIES)[number]
  status: TaskStatus
  createdAt: string
  suite: { id: number; number: string } | null
  assignee: { id: number; name: string } | null
  /** What the one who is logged in may make of it. */
  allowed: TaskStatus[]
}

export interface TaskPage {
  items: Task[]
  next: number | null
}
