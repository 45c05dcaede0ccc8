import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Config } from '../src/config.ts'
import type { PrismaService } from '../src/database/prisma.service.ts'
import type { PrismaClient, Series } from '../src/generated/prisma/client.ts'
import { Announcer } from '../src/instances/announcer.service.ts'
import { InstanceMaker } from '../src/instances/instance-maker.service.ts'
import { clientOf, migrated } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

const NOON = new Date('2026-03-27T12:00:00Z')
const later = (hours: number) => new Date(+NOON + hours * 60 * 60 * 1000)

let cluster: Cluster
let prisma: PrismaClient
let series: Series
let maker: InstanceMaker
let announcer: Announcer

before(async () => {
  cluster = startCluster()
  prisma = clientOf(await migrated(cluster))
  const account = await prisma.account.create({ data: { name: 'Club', keyHash: 'x' } })
  const rule = { startsAt: new Date('2026-03-20T19:30:00Z'), timezone: 'Europe/Madrid', rrule: 'FREQ=DAILY' }
  series = await prisma.series.create({
    data: { ...rule, accountId: account.id, title: 'Run', minutes: 60, capacity: 5, chatId: -1n },
  })
  maker = new InstanceMaker(prisma as PrismaService)
  announcer = new Announcer({ botToken: 'set' } as Config, prisma as PrismaService)
})
after(async () => {
  await prisma.$disconnect()
  cluster.stop()
})

const queued = async () => {
  const rows = await prisma.outboxMessage.findMany({
    where: { kind: 'ANNOUNCE' },
    include: { instance: true },
    orderBy: { id: 'asc' },
  })
  return rows.map(({ instance }) => instance?.startsAt.toISOString().slice(0, 16))
}

test('four weeks are made ahead, once, at the time of the clock there', async () => {
  deepEqual(await Promise.all([maker.makeAll(NOON), maker.makeAll(NOON)]).then(([a, b]) => a + b), 28)
  equal(await maker.makeAll(NOON), 0)
  const [first, , third] = await prisma.instance.findMany({ orderBy: { startsAt: 'asc' } })
  // The clocks change in between.
  deepEqual([first?.startsAt, third?.startsAt], [new Date('2026-03-27T18:30Z'), new Date('2026-03-29T17:30Z')])
  equal(await maker.makeFor(series, later(24)), 1)
})

test('what starts within 48 hours is announced, and exactly once by however many', async () => {
  const counts = await Promise.all(Array.from({ length: 5 }, () => announcer.announceDue(NOON)))
  equal(
    counts.reduce((sum, count) => sum + count),
    2,
  )
  deepEqual(await queued(), ['2026-03-27T18:30', '2026-03-28T18:30'])
})

test('the next one to the second: not before its 48 hours', async () => {
  const due = later(5.5)
  equal(await announcer.announceDue(new Date(+due - 1000)), 0)
  equal(await announcer.announceDue(due), 1)
  equal(await announcer.announceDue(due), 0)
  equal((await queued()).at(-1), '2026-03-29T17:30')
})

test('what is cancelled or over is not announced, nor is anything without a bot', async () => {
  const off = new Announcer({ botToken: '' } as Config, prisma as PrismaService)
  equal(await off.announceDue(later(30)), 0)
  await prisma.instance.updateMany({ where: { startsAt: new Date('2026-03-30T17:30Z') }, data: { cancelledAt: NOON } })
  equal(await announcer.announceDue(later(30)), 0)
  // Away for a week: what was missed is not announced afterwards.
  equal(await announcer.announceDue(later(7 * 24)), 2)
})
