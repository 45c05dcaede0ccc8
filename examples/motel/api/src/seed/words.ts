import type { Role, TaskKind, TaskStatus } from '../generated/prisma/enums'

export const DOMAIN = 'lodge.example'

export const STAFF: ReadonlyArray<{ name: string; role: Role }> = [
  { name: 'Marta Quill', role: 'manager' },
  { name: 'Ines Vardal', role: 'manager' },
  { name: 'Tobin Ashe', role: 'reception' },
  { name: 'Lena Orbeck', role: 'reception' },
  { name: 'Paulo Rime', role: 'reception' },
  { name: 'Dora Finch', role: 'housekeeping' },
  { name: 'Yusuf Marl', role: 'housekeeping' },
  { name: 'Greta Sollen', role: 'housekeeping' },
  { name: 'Amir Tace', role: 'housekeeping' },
  { name: 'Wanda Pell', role: 'housekeeping' },
  { name: 'Hugo Brandt', role: 'maintenance' },
  { name: 'Nils Okker', role: 'maintenance' },
]

/** The manager is addressed by office, everybody else by first name. */
export const emailOf = ({ name }: { name: string }, index: number) =>
  index === 0 ? `manager@${DOMAIN}` : `${name.split(' ')[0]!.toLowerCase()}@${DOMAIN}`

export const JOBS: Record<TaskKind, readonly string[]> = {
  cleaning: ['Clean after departure', 'Change the linen', 'Clean the bathroom', 'Refill the minibar', 'Vacuum the hallway'],
  repair: ['Mend the shower head', 'Replace a bulb', 'Unblock the drain', 'Fix the door lock', 'Reset the heating', 'Mend the blind'],
  inspection: ['Check the smoke alarm', 'Check the boiler', 'Check the inventory', 'Look at the balcony rail'],
  errand: ['Bring a cot', 'Bring extra towels', 'Carry the luggage', 'Return a lost scarf', 'Fetch the spare key'],
}

export const REMARKS = [
  'The window sticks; push from below.',
  'Guest asked for a quiet week.',
  'Left a charger in the drawer, kept at the desk.',
  'Carpet by the door is coming loose.',
  'Two keys out, one came back.',
  'Late departure agreed until noon.',
  'The kettle was replaced.',
  'Allergic to feathers: foam pillows only.',
  'The television remote needs batteries.',
  'Paid for the parking as well.',
]

/** How often each is met among tasks of the past. */
export const PAST: readonly TaskStatus[] = ['verified', 'verified', 'verified', 'verified', 'done', 'cancelled']
