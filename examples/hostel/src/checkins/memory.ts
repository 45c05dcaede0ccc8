import { berthsOf } from '../capsules/memory.ts'
import { notFound } from '../http/refusal.ts'
import type { Tables } from '../storage/tables.ts'
import type { CheckIn, CheckIns } from './checkin.ts'
import { gone, notWaiting, taken } from './refusals.ts'

export function checkInsInMemory(tables: Tables): CheckIns {
  const byRef = new Map<string, CheckIn>()
  const existing = (id: number): CheckIn => {
    const checkIn = tables.checkIns.get(id)
    if (!checkIn) throw notFound('check-in')
    return checkIn
  }
  const free = () => berthsOf(tables).filter((berth) => berth.state === 'free').map((berth) => berth.number)
  const here = () => [...tables.checkIns.values()].filter((checkIn) => checkIn.state !== 'left')

  return {
    async record({ capsule: wanted, ...entry }) {
      const known = byRef.get(entry.ref)
      if (known) return { checkIn: { ...known }, created: false }
      const open = free()
      if (wanted && !open.includes(wanted)) throw taken(wanted)
      const capsule = wanted ?? open[0] ?? null
      const state = capsule ? 'staying' : 'waiting'
      const checkIn: CheckIn = { id: tables.nextId(), ...entry, capsule, state, checkedOutAt: null }
      tables.checkIns.set(checkIn.id, checkIn)
      byRef.set(checkIn.ref, checkIn)
      return { checkIn: { ...checkIn }, created: true }
    },
    async byRef(ref) {
      return byRef.get(ref)
    },
    async place(id, capsule) {
      const checkIn = existing(id)
      if (checkIn.state !== 'waiting') throw notWaiting()
      if (!free().includes(capsule)) throw taken(capsule)
      return { ...Object.assign(checkIn, { capsule, state: 'staying' as const }) }
    },
    async checkOut(id, at) {
      const checkIn = existing(id)
      if (checkIn.state === 'left') throw gone()
      const capsule = tables.capsules.get(checkIn.capsule ?? '')
      if (capsule) capsule.clean = false
      return { ...Object.assign(checkIn, { state: 'left' as const, checkedOutAt: at }) }
    },
    async present(limit) {
      const named = (checkIn: CheckIn) => {
        const guest = tables.guests.get(checkIn.guestId)
        return { ...checkIn, guestName: guest?.name ?? '', guestPhone: guest?.phone ?? '' }
      }
      const longestFirst = (a: CheckIn, b: CheckIn) => +a.checkedInAt - +b.checkedInAt || a.id - b.id
      const order = (a: CheckIn, b: CheckIn) => a.state.localeCompare(b.state) || longestFirst(a, b)
      return here().sort(order).slice(0, limit).map(named)
    },
    async waiting() {
      return here().filter((checkIn) => checkIn.state === 'waiting').length
    },
    async count(prefix) {
      return [...byRef.keys()].filter((ref) => ref.startsWith(prefix)).length
    },
  }
}
