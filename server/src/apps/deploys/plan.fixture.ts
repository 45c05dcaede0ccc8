import assert from 'node:assert/strict'
import { readConfig } from '../../config/read.ts'
import type { Plan } from '../../engine/plan.ts'
import type { ProxyTarget, RouteTable } from '../../reach/edge/edge.ts'
import type { Slot } from '../app/app.ts'
import { slotName } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { planDeploy } from './changes.ts'
import { NOTHING } from './reuse-notices.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

export const config = readConfig(`
name: shop
services:
  api: { start: node api.js, instances: 2, build: [npm run build] }
  web: { static: dist, build: [npm run web] }
  mail: { start: node mail.js, worker: true }
  bot: { start: node bot.js, singleton: true }
routes: { /api: api, /bot: bot, /: web }
database: { postgres: true }
release: node migrate.js
`).config!

export const release = (number: number, more: Partial<Release> = {}): Release => ({
  app: 'shop',
  id: `r${number}`,
  number,
  state: 'ready',
  actor: 'anna',
  source: '',
  commit: null,
  config,
  artifacts: Object.fromEntries(config.services.map(s => [s.name, `r${number}`])),
  left: {},
  migrations: [],
  sizeBytes: 1,
  buildKey: null,
  createdAt: 0,
  ...more,
})

export const slot = (service: string, colour: 'blue' | 'green', n: number, port: number): Slot => ({
  app: 'shop',
  service,
  colour,
  n,
  port,
})

export const empty: World = {
  app: { name: 'shop', port: 8000, state: 'new', live: {}, warm: {}, scale: {} },
  table: null,
  site: null,
  running: [],
  ports: {},
  free: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  retiring: [],
  roots: (service, r) => `/rel/${r}/${service}`,
  older: () => [],
  linked: r => ({ tree: `/rel/${r}`, shared: '/shared' }),
}

/** The world after a plan went well, as far as plans look at it. */
export function after(world: World, plan: Plan<DeployStep>): World {
  const all = [...plan.steps.map(s => s.does), ...plan.cleanup]
  let { app, table, site } = world
  let running = [...world.running]
  const ports = { ...world.ports }
  for (const step of all) {
    if (step.kind === 'instances.start') {
      for (const s of step.slots) ports[slotName(s)] = s.port
      running = [
        ...running.filter(r => !step.slots.some(s => slotName(s) === slotName(r))),
        ...step.slots.map(s => ({ ...s, release: step.release })),
      ]
    }
    if (step.kind === 'instances.stop')
      running = running.filter(r => !step.slots.some(s => slotName(s) === slotName(r)))
    if (step.kind === 'edge.route') table = step.table
    if (step.kind === 'edge.site') site = step.site
    if (step.kind === 'app.live') app = { ...app, live: step.live, warm: step.warm, state: step.state }
    if (step.kind === 'app.scale') app = { ...app, scale: step.scale }
  }
  return {
    ...world,
    app,
    table,
    site,
    running,
    ports,
    free: world.free.filter(p => !Object.values(ports).includes(p)),
  }
}

export const wish = (number: number, more = {}) => ({
  number,
  upload: 'd',
  commit: null,
  config,
  digest: 'c',
  only: null,
  watchMs: null,
  current: number > 1 ? release(number - 1) : null,
  artifacts: number > 1 ? release(number - 1).artifacts : {},
  redisPort: null,
  poolerPort: null,
  given: null,
  resolved: null,
  point: null,
  fresh: false,
  reuse: NOTHING,
  warnings: [],
  ...more,
})
export const first = () => after(empty, planDeploy(empty, wish(1)))
export const second = () => after(first(), planDeploy(first(), wish(2)))
export const kinds = (plan: Plan<DeployStep>) => plan.steps.map(s => s.does.kind)
export const peersOf = (table: RouteTable | null, service: string) =>
  (table!.services[service] as ProxyTarget).peers
export const failsWith = (code: string, work: () => unknown) => assert.throws(work, { code })
