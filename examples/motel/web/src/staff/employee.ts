import type { Person } from '@/session/session'

export interface Employee extends Person {
  email: string
  active: boolean
}

export interface Shift {
  id: number
  startsAt: string
  endsAt: string
  employee: Person
}
