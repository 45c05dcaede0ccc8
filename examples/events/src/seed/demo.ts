import { hashOf, newKey } from '../accounts/api-key.ts'
import type { Instance, Prisma, PrismaClient, Series, User } from '../generated/prisma/client.ts'
import { moments } from '../series/recurrence.ts'
import { decide, type Place } from '../voting/line.ts'
import { chance, pick } from './chance.ts'
import { clubs, evenings, firstNames, lastNames } from './names.ts'

const DAY = 24 * 60 * 60 * 1000
const PEOPLE = 60
const WEEKS_BACK = 8
const WEEKS_AHEAD = 4
/** Far above the ids that Telegram has given out, so that no one real is written to. */
const FIRST_TELEGRAM_ID = 900_000_000_000_000n
const FIRST_CHAT_ID = -900_000_000_000_000n
const BOUND_MS = 60_000

type Transaction = Prisma.TransactionClient

export interface Key {
  name: string
  apiKey: string
}

/** Four clubs, two months back and one ahead of `now`. Answers their keys, or nothing when they are there already. All or nothing: a bot that runs meanwhile must not find a series whose evenings it would make too. */
export function seedDemo(prisma: PrismaClient, now: Date): Promise<Key[]> {
  return prisma.$transaction(
    async tx => ((await tx.account.findUnique({ where: { name: clubs[0] } })) ? [] : addClubs(tx, now)),
    { timeout: BOUND_MS },
  )
}

async function addClubs(tx: Transaction, now: Date): Promise<Key[]> {
  const keys = clubs.map(name => ({ name, apiKey: newKey() }))
  await tx.account.createMany({ data: keys.map(({ name, apiKey }) => ({ name, keyHash: hashOf(apiKey) })) })
  const people = await addPeople(tx)
  const random = chance(7)
  for (const series of await addSeries(tx, now)) {
    for (const instance of await addInstances(tx, series, now))
      await addVotes(tx, { instance, people, random, now })
  }
  return keys
}

function addPeople(tx: Transaction): Promise<User[]> {
  const random = chance(3)
  const data = Array.from({ length: PEOPLE }, (_, i) => ({
    telegramId: FIRST_TELEGRAM_ID + BigInt(i),
    name: `${pick(random, firstNames)} ${pick(random, lastNames)}`,
  }))
  return tx.user.createManyAndReturn({ data })
}

async function addSeries(tx: Transaction, now: Date): Promise<Series[]> {
  const accounts = await tx.account.findMany({ where: { name: { in: [...clubs] } } })
  const first = new Date(+now - WEEKS_BACK * 7 * DAY).toISOString().slice(0, 10)
  const data = evenings.map(({ club, at, ...evening }, i) => ({
    ...evening,
    startsAt: new Date(`${first}T${at}:00Z`),
    accountId: accounts.find(account => account.name === clubs[club])!.id,
    chatId: FIRST_CHAT_ID - BigInt(i),
  }))
  return tx.series.createManyAndReturn({ data })
}

function addInstances(tx: Transaction, series: Series, now: Date): Promise<Instance[]> {
  const times = moments(series, series.startsAt, new Date(+now + WEEKS_AHEAD * 7 * DAY))
  return tx.instance.createManyAndReturn({
    data: times.map(startsAt => ({
      seriesId: series.id,
      startsAt,
      capacity: series.capacity,
      announcedAt: startsAt <= now ? new Date(+startsAt - 2 * DAY) : null,
    })),
  })
}

interface Evening {
  instance: Instance
  people: User[]
  random: () => number
  now: Date
}

/** By the same rules as in the chat, one vote after the other in the two days before. */
async function addVotes(tx: Transaction, { instance, people, random, now }: Evening): Promise<void> {
  if (instance.startsAt > now) return
  const { capacity, id: instanceId } = instance
  const line: Place[] = []
  const log = []
  const votes = Math.min(capacity + 3, 18)
  for (let i = 0; i < votes; i++) {
    const vote = random() < 0.12 ? 'leave' : random() < 0.2 ? 'guest' : 'join'
    const userId = vote === 'leave' && line.length > 0 ? pick(random, line).userId : pick(random, people).id
    const decision = decide(line, { vote, userId, capacity })
    const at = new Date(+instance.startsAt - 2 * DAY + i * (DAY / votes))
    log.push(...decision.log.map(entry => ({ instanceId, at, ...entry })))
    const left = line.filter(place => !decision.remove.includes(place.id))
    line.splice(0, line.length, ...left)
    if (decision.add) line.push({ id: i, userId, kind: decision.add })
  }
  await tx.entry.createMany({
    data: line.map(({ userId, kind }) => ({ instanceId, userId, kind, createdAt: instance.announcedAt! })),
  })
  await tx.participationLog.createMany({ data: log })
}
