import { hashPassword } from '../auth/password'
import type { Database } from '../database/database'
import { Prisma } from '../generated/prisma/client'
import { SuiteStatus, TaskKind, TaskPriority, TaskStatus } from '../generated/prisma/enums'
import { chance, pickBy } from './chance'
import { emailOf, JOBS, PAST, REMARKS, STAFF } from './words'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const TASKS = 300
const NOTES = 200
const SHIFT_DAYS = 14

export interface Passwords {
  manager?: string
  others?: string
}

/** Adds what is missing, and nothing twice. `today` is where the shifts begin and the tasks end. */
export async function seedDemo(database: Database, passwords: Passwords, today: Date): Promise<void> {
  const random = chance(1)
  await addStaff(database, passwords)
  await addSuites(database, random)
  await addShifts(database, today)
  if ((await database.task.count({ take: 1 })) > 0) return
  const [suites, people] = await Promise.all([
    database.suite.findMany({ orderBy: { number: 'asc' } }),
    database.employee.findMany({ orderBy: { id: 'asc' } }),
  ])
  const crew = { suites: suites.map(suite => suite.id), people, today, random }
  await database.task.createMany({ data: tasks(crew) })
  await database.note.createMany({ data: notes(crew) })
}

interface Crew {
  suites: number[]
  people: Array<{ id: number; role: string }>
  today: Date
  random: () => number
}

/** Without a password nobody can log in as them: the hash is of no password at all. */
async function addStaff(database: Database, { manager, others }: Passwords) {
  for (const [index, { name, role }] of STAFF.entries()) {
    const email = emailOf({ name }, index)
    if (await database.employee.findUnique({ where: { email } })) continue
    const password = index === 0 ? manager : others
    const passwordHash = password ? await hashPassword(password) : 'none'
    await database.employee.create({ data: { email, name, role, passwordHash } })
  }
}

/** Three floors of ten, 101 to 310. */
async function addSuites(database: Database, random: () => number) {
  const pick = pickBy(random)
  const usual: SuiteStatus[] = ['vacant', 'vacant', 'occupied', 'occupied', 'occupied', 'dirty', 'cleaning', 'inspected']
  const data = Array.from({ length: 30 }, (_, i) => {
    const floor = Math.floor(i / 10) + 1
    const status = i === 17 ? SuiteStatus.out_of_order : pick(usual)
    return { number: String(floor * 100 + (i % 10) + 1), floor, beds: 1 + Math.floor(random() * 4), status }
  })
  await database.suite.createMany({ data, skipDuplicates: true })
}

/** Two shifts a day for everybody but the managers, who work by day. Only where the fortnight has none yet. */
async function addShifts(database: Database, today: Date) {
  const start = Math.floor(today.getTime() / DAY) * DAY
  if ((await database.shift.count({ where: { startsAt: { gte: new Date(start) } } })) > 0) return
  const people = await database.employee.findMany({ where: { active: true }, orderBy: { id: 'asc' } })
  const data = people.flatMap((person, index) =>
    Array.from({ length: SHIFT_DAYS }, (_, day) => {
      const late = person.role !== 'manager' && (index + day) % 2 === 1
      const startsAt = start + day * DAY + (late ? 14 : 6) * HOUR
      return { employeeId: person.id, startsAt: new Date(startsAt), endsAt: new Date(startsAt + 8 * HOUR) }
    }).filter((_, day) => (day + index) % 7 < 5),
  )
  await database.shift.createMany({ data })
}

function tasks({ suites, people, today, random }: Crew): Prisma.TaskCreateManyInput[] {
  const pick = pickBy(random)
  const desk = people.filter(person => person.role === 'reception')
  return Array.from({ length: TASKS }, (_, i) => {
    const kind = pick(Object.values(TaskKind))
    const hands = people.filter(person => person.role === (kind === 'repair' ? 'maintenance' : 'housekeeping'))
    const createdAt = new Date(today.getTime() - (TASKS - i) * 2 * HOUR)
    const status = i < TASKS - 40 ? pick(PAST) : pick([TaskStatus.open, TaskStatus.assigned, TaskStatus.in_progress])
    return {
      suiteId: pick(suites),
      kind,
      title: pick(JOBS[kind]),
      priority: pick(Object.values(TaskPriority)),
      status,
      assigneeId: status === 'open' || status === 'cancelled' ? null : pick(hands).id,
      creatorId: pick(desk).id,
      dueAt: new Date(createdAt.getTime() + 12 * HOUR),
      createdAt,
      changedAt: new Date(createdAt.getTime() + HOUR),
    }
  })
}

function notes({ suites, people, today, random }: Crew): Prisma.NoteCreateManyInput[] {
  const pick = pickBy(random)
  return Array.from({ length: NOTES }, (_, i) => ({
    suiteId: pick(suites),
    authorId: pick(people).id,
    text: pick(REMARKS),
    createdAt: new Date(today.getTime() - (NOTES - i) * 3 * HOUR),
  }))
}
