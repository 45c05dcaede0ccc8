import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { floorPlan } from '../src/capsules/capsule.ts'
import { memoryStorage } from '../src/storage/memory.ts'
import { postgresStorage } from '../src/storage/postgres.ts'
import type { Storage } from '../src/storage/storage.ts'
import { program, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

const at = new Date('2025-11-20T15:00:00Z')
const due = new Date('2025-11-21T11:00:00Z')
let cluster: Cluster
before(() => { cluster = startCluster() })
after(() => cluster.stop())

async function migratedDatabase(): Promise<Storage> {
  const url = await cluster.database()
  await program('migrate', { env: { DATABASE_URL: url } })
  return postgresStorage({ url, poolSize: 10 })
}

contract('memory', async () => memoryStorage())
contract('PostgreSQL', migratedDatabase)

function contract(name: string, open: () => Promise<Storage>) {
  describe(`storage in ${name}`, () => {
    let storage: Storage
    beforeEach(async () => {
      storage = await open()
      await storage.capsules.add(floorPlan)
    })
    afterEach(() => storage.close())
    const guest = (name = 'Ann Berg') => storage.guests.findOrAdd({ name, phone: '+47 555 10' })
    const arrive = async (ref: string, capsule?: string) => {
      const { id } = await guest(`Guest ${ref}`)
      return storage.checkIns.record({ ref, guestId: id, source: 'desk', checkedInAt: at, dueOut: due, capsule })
    }
    const stateOf = async (number: string) => (await storage.capsules.berths()).find((one) => one.number === number)?.state

    test('the house has 22 capsules however often they are added', async () => {
      await storage.capsules.add(floorPlan)
      assert.equal((await storage.capsules.berths()).length, 22)
    })
    test('a guest gets the first free capsule', async () => {
      assert.equal((await arrive('a')).checkIn.capsule, 'C01')
      assert.equal((await arrive('b')).checkIn.capsule, 'C02')
      assert.equal(await stateOf('C01'), 'occupied')
    })
    test('the same ref checks in once', async () => {
      const first = await arrive('a')
      const second = await arrive('a')
      assert.deepEqual([first.created, second.created], [true, false])
      assert.equal(first.checkIn.id, second.checkIn.id)
      assert.equal(await storage.checkIns.count('a'), 1)
    })
    test('thirty guests at once fill 22 capsules, one each, and eight wait', async () => {
      const all = await Promise.all(Array.from({ length: 30 }, (_, i) => arrive(`crowd-${i}`)))
      const given = all.map(({ checkIn }) => checkIn.capsule).filter(Boolean)
      assert.equal(new Set(given).size, 22)
      assert.equal(given.length, 22)
      assert.equal(await storage.checkIns.waiting(), 8)
    })
    test('a capsule that is taken is refused, and so is one with a problem', async () => {
      await arrive('a', 'C05')
      await storage.capsules.report('C06', 'door stuck')
      await assert.rejects(arrive('b', 'C05'), { code: 'capsule_taken' })
      await assert.rejects(arrive('c', 'C06'), { code: 'capsule_taken' })
    })
    test('after a check-out the capsule is to be cleaned, and then a waiting guest may have it', async () => {
      const [first] = await Promise.all(floorPlan.map((_, i) => arrive(`full-${i}`)))
      const { checkIn: waiting } = await arrive('late')
      const capsule = first!.checkIn.capsule!
      await storage.checkIns.checkOut(first!.checkIn.id, at)
      assert.equal(await stateOf(capsule), 'cleaning')
      await assert.rejects(storage.checkIns.place(waiting.id, capsule), { code: 'capsule_taken' })
      await storage.capsules.setClean(capsule, true)
      assert.equal((await storage.checkIns.place(waiting.id, capsule)).state, 'staying')
      await assert.rejects(storage.checkIns.checkOut(first!.checkIn.id, at), { code: 'already_left' })
    })
    test('a solved problem frees the capsule', async () => {
      const { id } = await storage.capsules.report('C03', 'lamp is dark')
      assert.equal(await stateOf('C03'), 'problem')
      await storage.capsules.resolve(id, at)
      assert.equal(await stateOf('C03'), 'free')
    })
    test('refs are counted by their beginning, with no wildcards', async () => {
      for (const ref of ['run_1', 'run_2', 'runX3']) await arrive(ref)
      assert.equal(await storage.checkIns.count('run_'), 2)
      assert.equal(await storage.checkIns.count('%'), 0)
    })
    test('one phone and name is one guest, and a search finds a part of either', async () => {
      const [first, again] = [await guest(), await guest()]
      assert.equal(first.id, again.id)
      assert.equal(first.email, null)
      await storage.guests.setPhoto(first.id, 'face.jpg')
      assert.deepEqual([first.photo, (await storage.guests.get(first.id))?.photo], [null, 'face.jpg'])
      await storage.guests.update(first.id, { nationality: 'Norway' })
      assert.equal((await storage.guests.list('berg', 5))[0]?.nationality, 'Norway')
      assert.deepEqual(await storage.guests.list('nobody', 5), [])
    })
    test('a session lasts until it expires or is closed', async () => {
      await storage.accounts.add({ email: 'a@b.example', name: 'A', passwordHash: 'x' })
      await storage.accounts.add({ email: 'a@b.example', name: 'Other', passwordHash: 'y' })
      const user = await storage.accounts.byEmail('a@b.example')
      assert.equal(user?.name, 'A')
      const expiresAt = new Date(Date.now() + 60_000)
      await storage.accounts.openSession({ id: 's', userId: user.id, expiresAt })
      assert.equal((await storage.accounts.userOfSession('s', new Date()))?.id, user.id)
      assert.equal(await storage.accounts.userOfSession('s', expiresAt), undefined)
      await storage.accounts.closeSession('s')
      assert.equal(await storage.accounts.userOfSession('s', new Date()), undefined)
    })
    test('a month adds up what came in and what went out', async () => {
      const on = (day: string) => new Date(`${day}T12:00:00Z`)
      await storage.ledger.addPayments([{ cents: 100, method: 'cash', paidAt: on('2025-10-31') }, { cents: 250, method: 'card', paidAt: on('2025-11-01') }])
      await storage.ledger.addExpenses([{ cents: 70, category: 'laundry', spentAt: on('2025-11-02') }])
      assert.deepEqual(await storage.ledger.months(on('2025-10-01')), [
        { month: '2025-10', income: 100, spent: 0 },
        { month: '2025-11', income: 250, spent: 70 },
      ])
      assert.deepEqual((await storage.ledger.payments(5)).map((row) => row.cents), [250, 100])
    })
    test('settings have defaults and keep what is written', async () => {
      const house = await storage.settings.read()
      assert.equal(house.hostelName, 'Harbour Capsules')
      await storage.settings.write({ ...house, checkOutHour: 9 })
      assert.equal((await storage.settings.read()).checkOutHour, 9)
    })
    test('a link for one guest is used by one guest only', async () => {
      await storage.kiosk.add({ token: 't', label: 'Ann', reusable: false })
      const tries = await Promise.all([1, 2, 3].map(() => storage.kiosk.use('t', at)))
      assert.equal(tries.filter(Boolean).length, 1)
    })
    test('who listens hears of a change', async () => {
      let heard = 0
      storage.changes.listen(() => { heard += 1 })
      // A listener on a database is told once when it has connected, whatever happened before.
      await new Promise((resume) => setTimeout(resume, 500))
      const before = heard
      storage.changes.announce()
      await until(async () => heard, (now) => now === before + 1)
    })
  })
}
