import type { AppStatus, Colour } from '../../server/src/apps/app/wire.ts'
import type { PlanView } from '../../server/src/engine/wire.ts'

/** What the made-up keeper would do, in the words of the real one. */

export interface Wanted {
  verb: string
  release?: string
  colour?: Colour
  instances?: Record<string, number>
}

const step = (title: string, undo: string | null = null) => ({ title, undo })

const web = (app: AppStatus) => app.services.find(service => service.kind === 'web')?.name ?? 'api'

/** The way of a release to the visitors. */
function activate(app: AppStatus, to: Colour, release: string): PlanView['steps'] {
  const slots = `${web(app)} ${to}.1, ${to}.2`
  return [
    step(`start ${slots} with ${release}`, `stop ${slots}`),
    step(`wait until ${slots} are ready`),
    step(`switch ${web(app)} to ${to}`, 'switch back'),
    step('probe through the edge'),
    step('watch errors, restarts and latency for 10 s'),
    step(`${release} is live`, 'the release before is live'),
  ]
}

const otherOf = (app: AppStatus): Colour => (app.colour === 'blue' ? 'green' : 'blue')

export function deployPlan(app: AppStatus, release: string): PlanView {
  return {
    title: `deploy ${release} of ${app.name}`,
    steps: [
      step(`take in the source as ${release}`, `forget ${release}`),
      step(`prepare ${web(app)} ${otherOf(app)}.1, ${otherOf(app)}.2`),
      step(`build ${web(app)}`),
      step('release step: node dist/migrate.js'),
      step(`${release} is built`),
      ...activate(app, otherOf(app), release),
    ],
    cleanup: [
      `keep ${app.colour} of ${web(app)} warm for 1 h`,
      'keep the last 5 releases, remove older files',
    ],
    notices: [],
  }
}

export function planOf(app: AppStatus, wanted: Wanted): PlanView {
  const plain = { cleanup: [], notices: [] }
  if (wanted.verb === 'rollback') {
    const release = wanted.release ?? app.rollback?.release ?? 'r1'
    const far = wanted.release !== undefined && wanted.release !== app.rollback?.release
    return {
      title: `roll ${app.name} back to ${release}`,
      steps: activate(app, otherOf(app), release).slice(far ? 0 : 1),
      cleanup: [`keep ${app.colour} of ${web(app)} warm for 1 h`],
      notices: far
        ? [
            `2 migrations ran since ${release}; it may not understand the data of today: \`inn releases ${app.name}\``,
          ]
        : [],
    }
  }
  if (wanted.verb === 'switch') {
    const to = wanted.colour ?? otherOf(app)
    const steps = to === app.colour ? [] : activate(app, to, app.rollback?.release ?? 'r1').slice(1)
    return { ...plain, title: `switch ${app.name} to ${to}`, steps }
  }
  if (wanted.verb === 'scale') {
    const sizes = Object.entries(wanted.instances ?? {}).map(([service, n]) => `${service}=${n}`)
    const steps = [
      step(`remember ${sizes.join(', ')}`, 'remember the numbers of instances in innkeeper.yaml'),
      ...activate(app, app.colour ?? 'blue', app.release ?? 'r1').slice(1, 3),
    ]
    return { ...plain, title: `scale ${app.name}: ${sizes.join(', ')}`, steps }
  }
  if (wanted.verb === 'stop') {
    return {
      ...plain,
      title: `stop ${app.name}`,
      steps: [
        step('answer visitors with a page that says it is stopped', 'let requests through'),
        step(`stop ${web(app)} ${app.colour}.1, ${app.colour}.2`),
      ],
      notices: ['visitors are turned away until it is started again'],
    }
  }
  const title = `${wanted.verb} ${app.name}`
  return { ...plain, title, steps: activate(app, otherOf(app), app.release ?? 'r1') }
}
