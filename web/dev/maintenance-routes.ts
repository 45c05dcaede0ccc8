import { z } from 'zod'
import { MaintenanceRequest, MaintenanceView } from '../../server/src/watch/maintenance/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler } from './call.ts'

/** One that is planned, and one that is over. */
const all: MaintenanceView[] = [
  {
    ...{
      id: 3,
      app: 'hostel',
      state: 'planned',
      beginsAt: ago(-190_000),
      endsAt: ago(-197_200),
      by: 'ada',
      run: null,
    },
    ...{ text: 'New rooms at four', allow: ['192.0.2.0/24'], commands: ['npm run vacuum'] },
  },
  {
    ...{
      id: 2,
      app: 'hostel',
      state: 'over',
      beginsAt: ago(600_000),
      endsAt: ago(596_400),
      by: 'ada',
      run: null,
    },
    ...{ text: null, allow: [], commands: [] },
  },
]

function plan(call: Call) {
  const { beginsAt, lasts, text, allow, commands } = MaintenanceRequest.parse(call.body)
  const endsAt = new Date(Date.parse(beginsAt) + lasts).toISOString()
  const state = Date.parse(beginsAt) <= Date.now() ? 'on' : 'planned'
  const made: MaintenanceView = {
    ...{
      id: all.length + 2,
      app: call.params[0]!,
      state,
      beginsAt,
      endsAt,
      text,
      allow,
      commands,
      by: 'ada',
      run: null,
    },
  }
  all.unshift(made)
  answer(call, MaintenanceView, made)
}

function end(call: Call) {
  const one = all.find(({ id }) => String(id) === call.params[0])!
  one.state = one.state === 'on' ? 'over' : 'cancelled'
  answer(call, MaintenanceView, one)
}

export const maintenanceRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/maintenance$/, call => answer(call, z.array(MaintenanceView), all)],
  ['POST', /^\/api\/apps\/([^/]+)\/maintenance$/, plan],
  ['POST', /^\/api\/maintenance\/(\d+)\/end$/, end],
]
