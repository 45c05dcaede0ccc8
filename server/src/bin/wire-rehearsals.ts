import type { Needs } from '../data/rehearsals/open.ts'
import { rehearsalStore } from '../data/rehearsals/store.ts'
import type { RestoresPorts } from '../data/restores/ports.ts'
import type { Ground } from './ground.ts'
import { wireLint } from './wire-lint.ts'

/** Migrations on copies of apps' data. */
export const rehearsalPorts = (restores: RestoresPorts, ground: Ground): Needs['rehearsalPorts'] => ({
  store: rehearsalStore(ground.store),
  clock: ground.clock,
  copies: app => restores.of(app).copies,
  points: app => restores.of(app).points.list(),
  secrets: app => ground.apps.secrets(app),
  ...wireLint(ground).rehearsed,
})
