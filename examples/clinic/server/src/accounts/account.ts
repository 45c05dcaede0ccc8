export const roles = ['admin', 'therapist', 'patient'] as const
export type Role = (typeof roles)[number]

export interface Account {
  id: number
  name: string
  email: string
  role: Role
}
