import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { Plan } from '../../engine/plan.ts'
import { type App, currentRelease } from '../app/app.ts'
import type { Release } from '../releases/release.ts'
import { artifactsNow } from '../releases/rule.ts'
import { planDeploy, planRollback, planSwitch } from './changes.ts'
import { after, empty, release, wish } from './plan.fixture.ts'
import { planScale } from './scale.ts'
import { planRestart } from './start.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

const file = (more = '', services = '') =>
  readConfig(`
name: shop
services:
  api: { start: node api.js, instances: 2 }
  web: { start: node web.js }
${services}routes: { /api: api, /: web }
database: { postgres: true }
${more}`).config!

const rpo = (path: string) => `backups: { where: { second: { folder: ${path}, rpo: 0 } } }\n`

/** A history of one app: each deploy and what it leaves behind. */
function history() {
  let world: World = empty
  const releases: Release[] = []
  const apply = (plan: Plan<DeployStep>) => {
    world = { ...after(world, plan), free: Array.from({ length: 20 }, (_, n) => 100 * releases.length + n) }
    return plan
  }
  return {
    get app(): App {
      return world.app
    },
    releases,
    /** `reuse`: its builds would see what those of this release saw. */
    deploy(config: Release['config'], only: string[] | null = null, reuse: string | null = null) {
      const number = releases.length + 1
      const current = releases.find(r => r.id === currentRelease(world.app)) ?? null
      const made = (name: string) => only === null || only.includes(name)
      const artifacts = artifactsNow(world.app, releases)
      const left = Object.fromEntries(Object.entries(live(world.app)).filter(([name]) => !made(name)))
      const plan = apply(planDeploy(world, wish(number, { config, only, current, artifacts })))
      releases.unshift(
        release(number, {
          config,
          artifacts: Object.fromEntries(
            config.services.map(s => [s.name, made(s.name) ? (reuse ?? `r${number}`) : artifacts[s.name]!]),
          ),
          left,
        }),
      )
      return plan
    },
    rollback: (to: string) => apply(planRollback(world, releases.find(r => r.id === to)!, releases, null)),
    switch: (colour: 'blue' | 'green') => apply(planSwitch(world, colour, releases, null)),
    scale: (wanted: Record<string, number>) =>
      apply(planScale(world, releases.find(r => r.id === currentRelease(world.app))!, wanted)),
    restart: () => apply(planRestart(world, releases.find(r => r.id === currentRelease(world.app))!, null)),
  }
}

const streams = (plan: Plan<DeployStep>) =>
  plan.steps.flatMap(({ does }) => (does.kind === 'database.stream' ? [does.folder?.path ?? null] : []))
const starts = (plan: Plan<DeployStep>) =>
  plan.steps.flatMap(({ does }) =>
    does.kind === 'instances.start'
      ? [`${does.release}: ${does.slots.map(s => `${s.service} ${s.colour}.${s.n}`).join(', ')}`]
      : [],
  )
const live = (app: App) =>
  Object.fromEntries(Object.entries(app.live).map(([s, { release }]) => [s, release]))

test('a partial deploy that adds rpo: 0 turns streaming on, and the next change of the same file leaves it as it is', () => {
  const h = history()
  h.deploy(file())
  assert.deepEqual(streams(h.deploy(file(rpo('/mnt')), ['web'])), ['/mnt'])
  assert.deepEqual(live(h.app), { api: 'r1', web: 'r2' })
  assert.deepEqual(streams(h.deploy(file(rpo('/mnt')), ['api'])), [])
  assert.deepEqual(streams(h.rollback('r1')), [null])
})

test('a switch that leaves a newer service where it is leaves what that release asks for, too', () => {
  const h = history()
  h.deploy(file())
  h.deploy(file())
  h.deploy(file(rpo('/mnt'), '  late: { start: node late.js, worker: true }\n'), ['web', 'late'])
  assert.deepEqual(live(h.app), { api: 'r2', web: 'r3', late: 'r3' })
  const plan = h.switch('blue')
  assert.deepEqual(live(h.app), { api: 'r1', web: 'r3', late: 'r3' }, 'the newer services stay')
  assert.deepEqual(streams(plan), [])
})

test('a switch back to a colour with two releases goes to the one that was current there', () => {
  const h = history()
  h.deploy(file())
  h.deploy(file(), ['web'])
  h.deploy(file(rpo('/mnt')), ['web'])
  h.deploy(file())
  assert.deepEqual(h.app.warm, {
    api: { release: 'r1', colour: 'blue' },
    web: { release: 'r3', colour: 'blue' },
  })
  const plan = h.switch('blue')
  assert.equal(plan.release, 'r3')
  assert.deepEqual(streams(plan), ['/mnt'])
})

test('a release that was not built anew, because nothing of it had changed, is gone back from and forward to', () => {
  const h = history()
  h.deploy(file())
  h.deploy(file(), null, 'r1')
  h.rollback('r1')
  assert.deepEqual(live(h.app), { api: 'r1', web: 'r1' })
  h.rollback('r2')
  assert.deepEqual(live(h.app), { api: 'r2', web: 'r2' })
  assert.throws(() => h.rollback('r2'), { code: 'rollback.already' })
})

test('what a partial deploy left alone, and runs as it did then, is left alone on the way back to it', () => {
  const h = history()
  h.deploy(file())
  h.deploy(file(), null, 'r1')
  h.deploy(file(), ['web'])
  h.deploy(file(), ['web'])
  assert.deepEqual(
    starts(h.rollback('r3')).flatMap(text => text.match(/api/) ?? []),
    [],
  )
  assert.deepEqual(live(h.app), { api: 'r2', web: 'r3' })
  h.deploy(file())
  h.rollback('r3')
  assert.deepEqual(live(h.app), { api: 'r3', web: 'r3' }, 'another one ran, so it is brought back')
})

test('more instances of a service have the release that serves it', () => {
  const h = history()
  h.deploy(file())
  h.deploy(file(), ['web'])
  assert.deepEqual(starts(h.scale({ api: 3, web: 2 })), ['r1: api blue.3', 'r2: web green.2'])
})

test('a service that a partial deploy leaves out runs the files that serve it now, after a switch back as well', () => {
  const h = history()
  h.deploy(file())
  h.deploy(file(), ['web'])
  h.deploy(file(), ['api'])
  assert.deepEqual(h.releases[0]!.artifacts, { api: 'r3', web: 'r2' })
  h.switch('blue')
  assert.deepEqual(live(h.app), { api: 'r1', web: 'r1' })
  h.deploy(file(), ['web'])
  assert.deepEqual(h.releases[0]!.artifacts, { api: 'r1', web: 'r4' })
})
