import { z } from 'zod'
import type { capsules, problems } from './schema.ts'

export type Capsule = typeof capsules.$inferSelect
export type Problem = typeof problems.$inferSelect
export type CapsuleState = 'free' | 'occupied' | 'cleaning' | 'problem'

export interface Stay {
  checkInId: number
  guestId: number
  guestName: string
  dueOut: Date
}

/** A capsule as the front desk sees it. */
export interface Berth extends Capsule {
  state: CapsuleState
  problem: Pick<Problem, 'id' | 'description' | 'reportedAt'> | null
  stay: Stay | null
}

export const CapsuleChange = z.object({ clean: z.boolean() })
export const ProblemReport = z.object({ description: z.string().trim().min(3).max(300) })

export interface Capsules {
  /** Capsules that exist already are left as they are. */
  add(capsules: Capsule[]): Promise<void>
  berths(): Promise<Berth[]>
  setClean(number: string, clean: boolean): Promise<void>
  report(number: string, description: string): Promise<Problem>
  resolve(problemId: number, at: Date): Promise<void>
}

/** A guest in a capsule outweighs a fault in it: the desk must see who is there. */
export function stateOf(berth: Pick<Berth, 'clean' | 'problem' | 'stay'>): CapsuleState {
  if (berth.stay) return 'occupied'
  if (berth.problem) return 'problem'
  return berth.clean ? 'free' : 'cleaning'
}

export const floorPlan: Capsule[] = Array.from({ length: 22 }, (_, i) => ({
  number: `C${String(i + 1).padStart(2, '0')}`,
  deck: i < 11 ? 'Port' : 'Starboard',
  clean: true,
}))
