export const STATUSES = ['vacant', 'occupied', 'dirty', 'cleaning', 'inspected', 'out_of_order'] as const

export type SuiteStatus = (typeof STATUSES)[number]

export interface Suite {
  id: number
  number: string
  floor: number
  beds: number
  status: SuiteStatus
  statusSince: string
  /** What the one who is logged in may make of it. */
  allowed: SuiteStatus[]
}
