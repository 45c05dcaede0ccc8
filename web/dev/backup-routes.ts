import { z } from 'zod'
import { BackupRequest, Backups, VerifyRequest } from '../../server/src/data/backups/wire.ts'
import { CopyRequest, CopyView } from '../../server/src/data/copies/wire.ts'
import { Drill, DrillRequest } from '../../server/src/data/drills/wire.ts'
import {
  PutAside,
  RestoreRequest,
  TableComparison,
  TableRequest,
} from '../../server/src/data/restores/wire.ts'
import { type PlanView, RunSummary } from '../../server/src/engine/wire.ts'
import { ChangeAnswer, PlainRequest } from '../../server/src/engine/wire-change.ts'
import { KEEPER } from '../src/points/owner.ts'
import { summary } from './answers.ts'
import { drill, drills, kept, point, points, report } from './backups.ts'
import { answer, type Call, type Handler, refuse } from './call.ts'
import { begin, play, runs } from './runs.ts'

/** What the made-up keeper answers about backups, drills and restores. */

interface Change {
  kind: string
  app: string | null
  plan: PlanView
  /** What is there when it is done. */
  ends: () => void
}

const plan = (title: string, steps: string[], notices: string[] = []): PlanView => ({
  title,
  steps: steps.map(step => ({ title: step, undo: null })),
  cleanup: [],
  notices,
})

function answerChange(call: Call, asked: { plan: boolean }, change: Change, paceMs: number) {
  if (asked.plan) return answer(call, ChangeAnswer, { plan: change.plan })
  const run = begin({ ...change, release: null, actor: 'ada' })
  void play(run, paceMs).then(holds => holds && change.ends())
  answer(call, ChangeAnswer, { run: summary(run), notices: change.plan.notices })
}

/** Steps that copy or read what belongs to an app; null is the keeper. */
const backup = (app: string | null): Change => ({
  kind: 'backup',
  app,
  plan: plan(
    `backup of ${app ?? KEEPER}`,
    app === null
      ? ['keep the state of the keeper']
      : ['back up PostgreSQL to local', 'name the moment', `keep the files of ${app}`],
  ),
  ends: () => void points.unshift(point(app, 0, { kind: 'person' })),
})

const verify = (app: string | null): Change => ({
  kind: 'verify',
  app,
  plan: plan(`verify the backups of ${app ?? KEEPER} at local`, ['read every stored byte at local']),
  ends: () => {},
})

const rehearse = (app: string): Change => ({
  kind: 'drill',
  app,
  plan: plan(`drill: restore ${app} on a copy`, ['fetch the backup', 'start the copy', `start ${app} on it`]),
  ends: () => void drills.unshift(drill(app, 0)),
})

const restore = (app: string, moment: string): Change => ({
  kind: 'restore',
  app,
  plan: plan(
    `restore ${app} to ${moment}`,
    [`answer 503: ${app} is stopped`, `restore ${moment} from local, beside what is there`, `start ${app}`],
    [`${app} answers 503 from here until it is done`],
  ),
  ends: () => {
    const at = new Date().toISOString()
    const aside = `${app}_before_${at.slice(0, 10).replaceAll('-', '')}`
    kept.unshift({ app, of: 'restore', at, moment, aside, bytes: 96 * 1024 ** 2 })
  },
})

const after = (app: string, what: string): Change => ({
  kind: `restore-${what}`,
  app,
  plan: plan(`${what} the restore of ${app}`, [`${what} it`]),
  ends: () => {
    const at = kept.findIndex(one => one.app === app)
    if (at !== -1) kept.splice(at, 1)
  },
})

function restoreOf(call: Call, paceMs: number) {
  const asked = RestoreRequest.parse(call.body)
  const moment = asked.to ?? asked.point ?? asked.backup
  if (moment === undefined)
    return refuse(call, 400, [
      'restore.what',
      'to which moment?',
      'none was named',
      'choose a moment, a point or a backup',
    ])
  answerChange(call, asked, restore(call.params[0]!, moment), paceMs)
}

const copies: CopyView[] = []

function copyOf(call: Call, paceMs: number) {
  const { name, forMs, ...asked } = CopyRequest.parse(call.body)
  const app = call.params[0]!
  const moment = asked.to ?? asked.point ?? asked.backup ?? 'now'
  const ends = () => {
    const at = new Date().toISOString()
    const until = new Date(Date.now() + forMs).toISOString()
    const url = (role: string) => `postgresql://${app}_${role}:secret@127.0.0.1:28731/${app}`
    const addresses = { app: url('app'), owner: url('owner') }
    copies.push({ name, app, moment, at, state: 'open', port: 28_731, until, addresses })
  }
  const says = plan(`copy ${app} at ${moment} as ${name}`, ['fetch the backup', `open the copy ${name}`])
  answerChange(call, asked, { kind: 'copy', app, plan: says, ends }, paceMs)
}

function removeCopy(call: Call, paceMs: number) {
  const at = copies.findIndex(copy => copy.name === call.params[0])
  const { app, name } = copies[at]!
  const says = plan(`remove the copy ${name}`, [`remove the copy ${name}`])
  const ends = () => void copies.splice(at, 1)
  answerChange(call, PlainRequest.parse(call.body), { kind: 'copy-remove', app, plan: says, ends }, paceMs)
}

function tablesOf(call: Call, paceMs: number) {
  const asked = TableRequest.parse(call.body)
  const app = call.params[0]!
  const says = plan(`compare ${asked.tables.join(', ')} of ${app}`, ['fetch the backup', 'compare the rows'])
  answerChange(call, asked, { kind: 'restore-table', app, plan: says, ends: () => {} }, paceMs)
}

const comparison = (run: string): TableComparison => ({
  run,
  app: 'hostel',
  at: new Date().toISOString(),
  moment: '10:00:00',
  tables: [
    {
      goesWith: null,
      ...{ table: 'public.guest', there: 1204, here: 1198, key: ['id'], alike: false },
      differ: { onlyThere: 8, onlyHere: 2, changed: 1 },
      columns: { onlyThere: [], onlyHere: [] },
      samples: {
        onlyThere: [{ id: '77', name: 'Ida' }],
        onlyHere: [{ id: '1301', name: 'Tom' }],
        changed: [{ key: { id: '12' }, columns: [{ name: 'name', there: 'Ana', here: 'Anna' }] }],
      },
    },
  ],
})

export const backupRoutes = (paceMs: number): Array<[string, RegExp, Handler]> => [
  ['GET', /^\/api\/backups$/, call => answer(call, Backups, report())],
  ['GET', /^\/api\/drills$/, call => answer(call, z.array(Drill), drills)],
  [
    'GET',
    /^\/api\/runs$/,
    call => answer(call, z.array(RunSummary), [...runs.values()].map(summary).reverse()),
  ],
  ['GET', /^\/api\/copies$/, call => answer(call, z.array(CopyView), copies)],
  ['POST', /^\/api\/apps\/([^/]+)\/copies$/, call => copyOf(call, paceMs)],
  ['POST', /^\/api\/copies\/([^/]+)\/remove$/, call => removeCopy(call, paceMs)],
  ['POST', /^\/api\/apps\/([^/]+)\/restore\/tables$/, call => tablesOf(call, paceMs)],
  [
    'GET',
    /^\/api\/restores\/tables\/([^/]+)$/,
    call => answer(call, TableComparison, comparison(call.params[0]!)),
  ],
  ['GET', /^\/api\/restores$/, call => answer(call, z.array(PutAside), kept)],
  [
    'POST',
    /^\/api\/backups$/,
    call => {
      const asked = BackupRequest.parse(call.body)
      answerChange(call, asked, backup(asked.app), paceMs)
    },
  ],
  [
    'POST',
    /^\/api\/backups\/verify$/,
    call => {
      const asked = VerifyRequest.parse(call.body)
      answerChange(call, asked, verify(asked.app), paceMs)
    },
  ],
  [
    'POST',
    /^\/api\/apps\/([^/]+)\/drill$/,
    call => answerChange(call, DrillRequest.parse(call.body), rehearse(call.params[0]!), paceMs),
  ],
  ['POST', /^\/api\/apps\/([^/]+)\/restore$/, call => restoreOf(call, paceMs)],
  [
    'POST',
    /^\/api\/apps\/([^/]+)\/restore\/(undo|discard)$/,
    call =>
      answerChange(call, PlainRequest.parse(call.body), after(call.params[0]!, call.params[1]!), paceMs),
  ],
]
