import type { Berth, CapsuleState } from '../capsules/capsule.ts'

/** Public: it has no names in it. */
export interface Occupancy {
  at: Date
  total: number
  occupied: number
  free: number
  cleaning: number
  problem: number
  waiting: number
  guests: number
  capsules: { number: string; deck: string; state: CapsuleState }[]
}

export function occupancyOf(berths: Berth[], waiting: number, at: Date): Occupancy {
  const count = (state: CapsuleState) => berths.filter((berth) => berth.state === state).length
  const occupied = count('occupied')
  return {
    at,
    total: berths.length,
    occupied,
    free: count('free'),
    cleaning: count('cleaning'),
    problem: count('problem'),
    waiting,
    guests: occupied + waiting,
    capsules: berths.map(({ number, deck, state }) => ({ number, deck, state })),
  }
}
